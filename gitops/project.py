"""The project that a command acts on: the one that contains the current directory, whichever clone the program itself is in."""

import os
from pathlib import Path

from flux.message import Message
from gitops.errors import CommandError
from stacks.contract.names import PROJECT_FILE
from stacks.inputs.project_directory import choose_project, containing_project

_shell_directory: Path | None = None
"""Where the command was called, if `--cwd` led it away."""


def enter(directory: Path | None) -> None:
    """Go to `directory`, as `--cwd` asks, and choose the project there, if there is one. Raises CommandError."""
    global _shell_directory
    _shell_directory = None
    if directory is not None:
        try:
            _shell_directory = Path.cwd()
            os.chdir(directory)
        except OSError as error:
            fix = "Write the directory of a clone, or one in it."
            raise CommandError(Message(f"--cwd {directory}: {error.strerror}", "Nothing was done.", fix)) from None
    if found := project_here():
        choose_project(found)


def shell_directory() -> Path:
    """Where the person's shell is, in which printed commands are pasted: `--cwd` does not take it along."""
    return _shell_directory or Path.cwd()


def project_here() -> Path | None:
    """The project's directory; None outside of any."""
    try:
        return containing_project(Path.cwd())
    except OSError:  # the current directory was removed
        return None


def project() -> Path:
    """The project's directory.

    Raises:
        CommandError: the current directory is in none.
    """
    found = project_here()
    if found is None:
        raise CommandError(NO_PROJECT)
    return found


def project_name(folder: Path | None = None) -> str:
    """The name of the project in `folder`, else of the one that contains the current directory, as Pulumi has it.

    Raises:
        CommandError: the current directory is in no project, or Pulumi.yaml has no name.
    """
    from flux.bounded_documents import Bounds, UnreadableError, documents, read_text  # here and not above: few commands need it

    folder, bounds = folder or project(), Bounds(size=1024 * 1024)
    try:
        described, _ = next(documents(read_text(folder / PROJECT_FILE, bounds), bounds), (None, 0))
    except (OSError, UnreadableError):
        described = None
    name = described.get("name") if isinstance(described, dict) else None
    if not isinstance(name, str) or not name:
        told = Message(f"{folder / PROJECT_FILE} has no name of a project", "Pulumi cannot use it.", "Correct it. docs/new.md shows one.")
        raise CommandError(told)
    return name


NO_PROJECT = Message(
    f"neither the current directory nor one above it has a {PROJECT_FILE}",
    "The stack files and the catalog cannot be found.",
    "Run it in your clone, or name the clone: gitops --cwd DIRECTORY …",
)
