"""`gitops destroy`: reads arguments, shows what will happen, asks, and removes."""

import sys
from dataclasses import replace
from typing import Annotated

import typer

from flux.message import Message
from gitops.errors import CommandError
from gitops.options import flag, option, stack_option
from gitops.telling import tell
from gitops.terminal import print_lines

GONE = 0
WORKLOAD_SECONDS = 300.0
LONGEST = 86400.0
"""The longest that may be asked for, so that it always finishes."""


def destroy(
    stack: Annotated[str | None, stack_option()] = None,
    yes: Annotated[bool, flag("Do not ask.", "--yes")] = False,
    remove_workloads_of: Annotated[
        str | None, option("Remove what Flux applied in this cluster; needed in production.", "NAME", "--yes-remove-workloads-of")
    ] = None,
    keep_workloads: Annotated[bool, flag("Keep what Flux applied, whatever the last `pulumi up` set.", "--keep-workloads")] = False,
    timeout: Annotated[
        float, option("How long the removal of workloads may take, instead of 300.", "SECONDS", min=0, max=LONGEST)
    ] = WORKLOAD_SECONDS,
    dry_run: Annotated[bool, flag("Show what would happen, and end.", "--dry-run")] = False,
) -> None:
    """Look, show, ask, remove."""
    if keep_workloads and remove_workloads_of:
        wrong = "--keep-workloads and --yes-remove-workloads-of contradict each other"
        raise CommandError(Message(wrong, "Nothing was removed.", "Use one of them."))
    from gitops.destroy.destruction import looked
    from gitops.interrupted_run import clear_pending, remove_leftovers
    from gitops.project import project
    from gitops.pulumi_cli import selected_stack
    from gitops.state_file import state_content

    folder = project()
    name = selected_stack(stack, folder)
    for removed in () if dry_run else remove_leftovers(name, folder):
        print_lines(removed, sys.stderr)
    with looked(name, folder, remove_workloads_of, keep=keep_workloads) as destruction:
        destruction.show()
        if dry_run:
            if refused := destruction.unconfirmed:
                tell(CommandError(replace(refused, wrong=f"without --dry-run, this is refused: {refused.wrong}")), sys.stderr)
            raise typer.Exit(GONE)
        destruction.refuse_unconfirmed()
        if not (yes or remove_workloads_of or _answered()):
            raise typer.Exit(GONE)
        before = state_content(name, folder)
        code = destruction.run(timeout)
        if code == GONE and (cleared := clear_pending(name, folder, before)):
            print_lines(cleared, sys.stderr)
        raise typer.Exit(code)


def _answered() -> bool:
    if not sys.stdin.isatty():
        raise CommandError(Message("it was not confirmed", "Nothing was removed.", "Add --yes, or run it at a terminal, where it asks."))
    return typer.confirm("Do this?", err=True)
