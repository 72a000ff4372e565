"""`gitops drift`: reads arguments, compares, prints, and says by the exit code whether something differs."""

from typing import Annotated

import typer

from gitops.options import flag, option, stack_option
from gitops.output import Output
from gitops.terminal import print_json, print_lines

SAME, DIFFERENT = 0, 1


def drift(
    stack: Annotated[str | None, stack_option()] = None,
    mend: Annotated[bool, flag("Set back what differs, as the last `pulumi up` applied it.", "--mend")] = False,
    output: Annotated[Output, option("How to write the result: table or json.", "FORM", "--output", "-o")] = Output.TABLE,
) -> None:
    """Compare and show."""
    from gitops.drift.drift import drift_of
    from gitops.project import project
    from gitops.pulumi_cli import selected_stack

    folder = project()
    found = drift_of(selected_stack(stack, folder), folder, mend=mend)
    if output is Output.JSON:
        from gitops.drift.json_document import document

        print_json(document(found, mended=mend))
    else:
        from gitops.drift.table import lines

        print_lines("\n".join(lines(found, mended=mend)))
    raise typer.Exit(SAME if found.is_fine(mended=mend) else DIFFERENT)
