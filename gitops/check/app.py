"""`gitops check`: reads arguments and prints. What it does is in the modules beside this one, loaded when it is needed."""

import sys
from typing import Annotated

import typer

from gitops.options import option, stack_option
from gitops.output import Output
from gitops.terminal import print_json

FINE, NOT_FINE = 0, 1


def check(
    stack: Annotated[str | None, stack_option()] = None,
    without: Annotated[list[str] | None, option("Check as if this age key were gone; may be repeated.", "KEY", "--without")] = None,
    record: Annotated[
        bool, typer.Option("--record/--no-record", help="Write the result to the record, or not.", show_default=False)
    ] = True,
    output: Annotated[Output, option("How to write the result: table or json.", "FORM", "--output", "-o")] = Output.TABLE,
) -> None:
    """Check out what the cluster syncs, judge it, and say by the exit code whether it is fine."""
    from rich.console import Console

    from gitops.check.run import check_stack

    report = check_stack(stack, without or [], record=record, progress=sys.stderr, width=Console(stderr=True).width)
    if output is Output.JSON:
        from gitops.check.json_document import document

        print_json(document(report))
    else:
        from gitops.check.table import print_report

        print_report(report, Console())
    raise typer.Exit(FINE if report.is_fine else NOT_FINE)
