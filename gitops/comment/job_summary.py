"""The summary of a workflow's job, which needs no token."""

from collections.abc import Mapping
from pathlib import Path

from flux.message import Message
from gitops.comment.cut_markdown import cut
from gitops.errors import CommandError

VARIABLES = ("GITEA_STEP_SUMMARY", "GITHUB_STEP_SUMMARY")
LARGEST_SUMMARY = 1_000_000
"""GitHub shows 1 MiB of one step, and nothing of more."""


def has_room(text: str, environment: Mapping[str, str]) -> bool:
    """Whether there is a summary, and it can show the whole text."""
    return _file(environment) is not None and len(_ended(text).encode()) <= LARGEST_SUMMARY


def write_summary(text: str, environment: Mapping[str, str]) -> bool:
    """Append the text to the summary; False where there is none.

    Raises:
        CommandError: it cannot be written.
    """
    file = _file(environment)
    if file is None:
        return False
    try:
        with Path(file).open("a", encoding="utf-8") as opened:
            opened.write(cut(_ended(text), LARGEST_SUMMARY, lambda lines: f"\n**Cut here.** {lines} more lines, in the log of the job.\n"))
    except OSError as error:
        told = Message(f"the job's summary {file} cannot be written ({error.strerror})", "The text is lost.", "Print it instead: cat FILE")
        raise CommandError(told) from None
    return True


def _file(environment: Mapping[str, str]) -> str | None:
    return next((environment[name] for name in VARIABLES if environment.get(name)), None)


def _ended(text: str) -> str:
    return text.rstrip("\n") + "\n"
