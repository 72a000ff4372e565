"""`gitops doctor`: reads arguments, prints, and says by the exit code whether a run would fail."""

import sys
from typing import Annotated

import typer

from gitops.options import flag, option, stack_option
from gitops.output import Output
from gitops.project import project_here
from gitops.terminal import print_json, print_lines

FINE, NOT_FINE = 0, 1


def doctor(
    stack: Annotated[str | None, stack_option()] = None,
    demo: Annotated[bool, flag("Check only what `make demo` needs.", "--demo")] = False,
    output: Annotated[Output, option("How to write the result: table or json.", "FORM", "--output", "-o")] = Output.TABLE,
) -> None:
    """Look, show, and change nothing."""
    from gitops.doctor.check_result import all_fine
    from gitops.doctor.demo_requirements import check_demo_requirements, demo_needs
    from gitops.doctor.examine import examine

    examined, checks = None, check_demo_requirements(demo_needs()) if demo else []
    if not demo:
        examination = examine(stack, sys.stderr)
        examined, checks = examination.stack, examination.checks
    if output is Output.JSON:
        from gitops.doctor.json_document import document

        print_json(document(examined, checks))
    else:
        from rich.console import Console

        from gitops.doctor.table import print_checks

        print_checks(checks, Console())
        if examined is None and not demo and project_here():
            print_lines("No stack was checked, because pulumi has selected none. Run: gitops doctor --stack NAME", sys.stderr)
    raise typer.Exit(FINE if all_fine(checks) else NOT_FINE)
