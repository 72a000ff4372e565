"""`gitops compare`, as the command line has it."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flux.message import Message
from gitops.errors import CommandError
from gitops.fewer_collections import fewer_collections
from gitops.options import flag, option, stack_option
from gitops.project import project, shell_directory
from gitops.terminal import print_json, print_lines

if TYPE_CHECKING:
    from gitops.compare.found_changes import RevisionComparison

COMPARED, REFUSED, CHANGED = 0, 1, 3


class CompareOutput(StrEnum):
    """How a comparison is written to stdout."""

    TABLE = "table"
    JSON = "json"
    MARKDOWN = "markdown"


@fewer_collections()
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
    repository: Annotated[
        str | None,
        option("Compare revisions of this synced repository: shows what Flux does in each cluster.", "NAME", "--repository"),
    ] = None,
    clone: Annotated[
        Path | None, option("The clone of that repository, instead of the directory where you are.", "DIRECTORY", "--clone")
    ] = None,
    follow: Annotated[
        bool, flag("Fetch the repositories that the change concerns, too, and show what Flux does with them.", "--follow")
    ] = False,
    with_its_own_code: Annotated[bool, flag("Run the program of each revision: only if you trust both.", "--with-its-own-code")] = False,
) -> None:
    """Compare, print, and say by the exit code whether a stack would be refused."""
    if repository is None and clone is not None:
        raise CommandError(Message("--clone needs --repository", "It is unknown which repository it is of.", "Add --repository NAME"))
    if repository is not None:
        if preview is not None or with_its_own_code or follow:
            wrong = "--repository goes with none of --preview, --follow and --with-its-own-code"
            raise CommandError(Message(wrong, "The stacks are the same on both sides.", "Leave them out."))
        from gitops.compare.effect.compare_repository import compare_repository

        comparison = compare_repository(project(), clone or shell_directory(), repository, base, head, only=stack)
    else:
        from gitops.compare.two_revisions import compare_revisions

        comparison = compare_revisions(project(), base, head, only=stack, own_code=with_its_own_code, preview=preview)
        if follow:
            from gitops.compare.effect.follow_stacks import with_effects

            comparison = with_effects(comparison, project(), base, head, only=stack, progress=sys.stderr)
        else:
            from gitops.compare.not_followed import with_what_is_not_followed

            comparison = with_what_is_not_followed(comparison)
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
