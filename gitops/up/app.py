"""`gitops up`: runs `pulumi up`, and explains where a controller does not come up."""

import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from flux.message import Message
from gitops.errors import CommandError
from gitops.options import flag, stack_option
from gitops.terminal import print_lines
from live.errors import LiveError

if TYPE_CHECKING:
    from pathlib import Path

    from gitops.pulumi_cli import StackName

_WITHOUT_CHECKPOINTS = {"PULUMI_EXPERIMENTAL": "true", "PULUMI_SKIP_CHECKPOINTS": "true"}
"""pulumi/pulumi#10668: the engine writes the state at the end alone."""
_FLUX_VERSION = "fluxVersion"
"""The output of the stack."""


def up(
    stack: Annotated[str | None, stack_option()] = None,
    fast: Annotated[bool, flag("Write the state once, at the end.", "--fast")] = False,
    given: Annotated[list[str] | None, typer.Argument(help="Options for `pulumi up`, after --.", metavar="[-- OPTION...]")] = None,
) -> None:
    """Run, and explain."""
    from gitops.interrupted_run import clear_pending, remove_leftovers
    from gitops.project import project
    from gitops.pulumi_cli import run_pulumi, selected_stack
    from gitops.pulumi_on_path import put_on_path
    from gitops.state_file import output_in, state_content
    from stacks.inputs.limited_run import LIMITED_RUN, limiting_options

    folder = project()
    name = selected_stack(stack, folder)
    for removed in remove_leftovers(name, folder):
        print_lines(removed, sys.stderr)
    before = state_content(name, folder)
    environment = {**os.environ, **(_WITHOUT_CHECKPOINTS if fast else {})}
    if limited := limiting_options(given or ()):
        environment[LIMITED_RUN] = limited
    try:
        code = run_pulumi("up", "--stack", name.asked, *(given or []), folder=folder, environment=environment)
    except OSError as error:
        raise CommandError(Message(f"`pulumi up` cannot be run ({type(error).__name__})", "Nothing was changed.", put_on_path())) from None
    if code:
        _explain(name, folder, output_in(before, _FLUX_VERSION) if before else None)
    elif cleared := clear_pending(name, folder, before):
        print_lines(cleared, sys.stderr)
    raise typer.Exit(code)


def _explain(name: "StackName", folder: "Path", before: str | None) -> None:
    """Nothing is printed if the cluster does not answer: pulumi has said what went wrong."""
    from gitops.pulumi_state import read_state, target_of
    from live.flux_objects.controller_faults import controller_faults
    from live.flux_objects.fault_text import fault_lines, way_back

    try:
        faults = controller_faults(target_of(read_state(name, folder), name))
    except (CommandError, LiveError):
        return
    if faults:
        blocks = (f"  {line}" for line in fault_lines(faults))
        print_lines("\n".join(["", "Controllers that do not run:", *blocks, way_back(faults, before)]), sys.stderr)
