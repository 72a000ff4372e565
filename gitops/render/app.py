"""`gitops render`, as the command line has it."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gitops.fewer_collections import fewer_collections
from gitops.options import option, stack_option
from gitops.project import project
from gitops.telling import tell
from gitops.terminal import print_lines

if TYPE_CHECKING:
    from gitops.rendered.stack_objects import RenderedStack

DONE, REFUSED = 0, 1


class RenderForm(StrEnum):
    """How objects are written to stdout."""

    YAML = "yaml"
    JSON = "json"


@fewer_collections()
def render(
    stack: Annotated[str | None, stack_option("Only this stack, instead of every stack that has a file.")] = None,
    directory: Annotated[
        Path | None, option("Write a file for each object below this directory.", "DIRECTORY", "--output-dir", "-d")
    ] = None,
    output: Annotated[
        RenderForm, option("How to write to stdout: yaml, or json for another program.", "FORM", "--output", "-o", "--form")
    ] = RenderForm.YAML,
) -> None:
    """Render, write, and say by the exit code whether a stack was refused."""
    from gitops.rendered.stack_objects import render_stack
    from gitops.stack_file import stack_names

    folder = project()
    names = [stack] if stack else stack_names(folder)
    rendered = [render_stack(name) for name in names]
    if output is RenderForm.JSON:
        _print_json(rendered)
    for each in rendered:
        if each.problems:
            _tell_refused(each)
    made = [each for each in rendered if not each.problems]
    if directory is None and output is RenderForm.YAML:
        _print(made)
    elif directory is not None:
        _write(made, directory, None if stack else names)
    raise typer.Exit(DONE if len(made) == len(rendered) else REFUSED)


def _print(stacks: "list[RenderedStack]") -> None:
    from gitops.rendered.yaml_documents import as_documents

    for each in stacks:
        print_lines(as_documents((made.body for made in each.objects), f"stack {each.name}").removesuffix("\n"))


def _print_json(stacks: "list[RenderedStack]") -> None:
    from gitops.rendered.stack_view import view_of
    from gitops.rendered.view_json import document
    from gitops.terminal import print_json

    print_json(document(view_of(each) for each in stacks))


def _write(stacks: "list[RenderedStack]", directory: Path, every: list[str] | None) -> None:
    from gitops.render.write_files import remove_other_stacks, write_stack

    for each in stacks:
        count = write_stack(directory, each.name, [made.body for made in each.objects])
        print_lines(f"{directory / each.name}: {count} objects", sys.stderr)
    if every is not None and directory.is_dir():
        remove_other_stacks(directory, every)


def _tell_refused(stack: "RenderedStack") -> None:
    from gitops.stack_problems import problems_of_files

    tell(problems_of_files(stack.problems, f"nothing was rendered of stack {stack.name}"), sys.stderr)
