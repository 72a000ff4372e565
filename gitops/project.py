"""The project that a command acts on: the one that contains the current directory, whichever clone the program itself is in."""

import os
from pathlib import Path

from flux.message import Message
from gitops.errors import CommandError
from stacks.inputs.project_directory import PULUMI_YAML, choose_project, containing_project

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


NO_PROJECT = Message(
    f"neither the current directory nor one above it has a {PULUMI_YAML}",
    "It is unknown which stacks and which catalog are meant.",
    "Run it in your clone, or name the clone: gitops --cwd DIRECTORY …",
)
