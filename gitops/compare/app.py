"""`gitops compare`, as the command line has it."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gitops.options import flag, option, stack_option
from gitops.project import project
from gitops.terminal import print_json, print_lines

if TYPE_CHECKING:
    from gitops.compare.found_changes import RevisionComparison

COMPARED, REFUSED, CHANGED = 0, 1, 3


class CompareOutput(StrEnum):
    """How a comparison is written to stdout."""

    TABLE = "table"
    JSON = "json"
    MARKDOWN = "markdown"


def compare(
    base: Annotated[str, typer.Argument(help="The revision before: a branch, tag or commit.", metavar="BASE", show_default=False)],
    head: Annotated[
        str | None, typer.Argument(help="The revision after, instead of the working tree as it is.", metavar="HEAD", show_default=False)
    ] = None,
    stack: Annotated[str | None, stack_option("Only this stack, instead of every stack that has a file.")] = None,
    output: Annotated[
        CompareOutput, option("How to write the result: table, json or markdown.", "FORM", "--output", "-o")
    ] = CompareOutput.TABLE,
    expect_no_changes: Annotated[bool, flag("Exit with 3 if anything changes.", "--expect-no-changes")] = False,
    preview: Annotated[
        Path | None, option("What `pulumi preview --json` says of HEAD: shows what it would do besides.", "FILE", "--preview")
    ] = None,
    with_its_own_code: Annotated[bool, flag("Run the program of each revision: only if you trust both.", "--with-its-own-code")] = False,
) -> None:
    """Compare, print, and say by the exit code whether a stack would be refused."""
    from gitops.compare.two_revisions import compare_revisions

    comparison = compare_revisions(project(), base, head, only=stack, own_code=with_its_own_code, preview=preview)
    code = REFUSED if comparison.is_refused else CHANGED if expect_no_changes and comparison.has_changes else COMPARED
    _print(comparison, output, code)
    raise typer.Exit(code)


def _print(comparison: "RevisionComparison", output: CompareOutput, code: int) -> None:
    if output is CompareOutput.JSON:
        from gitops.compare.json_document import document

        print_json(document(comparison, code))
    elif output is CompareOutput.MARKDOWN:
        from gitops.compare.markdown import markdown

        print_lines(markdown(comparison).removesuffix("\n"))
    else:
        from rich.console import Console

        from gitops.compare.table import print_comparison

        print_comparison(comparison, Console())
