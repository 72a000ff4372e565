"""The stacks of a folder that holds a project, read by this program's code: nothing in it is run."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

from gitops.rendered.stack_files import StackFiles, files_of
from gitops.rendered.stack_objects import RenderedStack, render_stack
from gitops.rendered.stack_view import StackView, view_of
from stacks.contract.names import SECRET_VARIABLE
from stacks.inputs import project_directory
from stacks.words.log import unheard


def views_in(folder: Path, only: str | None = None) -> dict[str, StackView]:
    """Stack → what it makes. No secret of the environment is read, and no warning of a preview is shown."""
    files = files_in(folder, only)
    return {name: replace(_without_folder(view_of(stack), folder), files=files[name]) for name, stack in stacks_in(folder, only).items()}


def files_in(folder: Path, only: str | None = None) -> dict[str, StackFiles]:
    """Stack → what its files say besides. Needs nothing of what the stack makes, and so is the same whatever program renders it."""
    with _project(folder):
        return {name: files_of(name) for name in project_directory.stack_names() if only in (None, name)}


def stacks_in(folder: Path, only: str | None = None) -> dict[str, RenderedStack]:
    """The same with their settings."""
    with _project(folder), _without_secrets(), unheard():
        names = [name for name in project_directory.stack_names() if only in (None, name)]
        return {name: render_stack(name, machines_record=False) for name in names}


def _without_folder(view: StackView, folder: Path) -> StackView:
    """A message may name the folder, which is another one each time."""

    def relative(text: str) -> str:
        return text.replace(f"{folder}/", "").replace(f"{folder.resolve()}/", "")

    told = (replace(each, lines=relative(each.lines), same_as=relative(each.same_as)) for each in view.refusals)
    return replace(view, refusals=tuple(told))


@contextmanager
def _project(folder: Path) -> Iterator[None]:
    before = project_directory.project_directory()
    project_directory.choose_project(folder)
    try:
        yield
    finally:
        project_directory.choose_project(before)


@contextmanager
def _without_secrets() -> Iterator[None]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(SECRET_VARIABLE)}
    with patch.dict(os.environ, kept, clear=True):
        yield
