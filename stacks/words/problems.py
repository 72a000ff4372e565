"""What is wrong with what a person wrote, all of it at once."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pulumi

from flux.errors import FluxInputError
from stacks.words.redaction import redacted

EXIT_CODE_ERROR_WAS_SHOWN = 32
"""The one exit code after which the engine adds nothing of its own to what the program logged."""


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong."""

    where: str
    """`file:line key.path`, or the environment variable, or the object."""
    text: str
    """What is wrong, what it would have caused, the line or command that mends it. Never holds a secret value."""

    def __str__(self) -> str:
        """As a person sees it."""
        return redacted(f"{self.where}: {self.text}")


class StackProblems(Exception):  # noqa: N818 (it is a collection of problems)
    """Ends the program before any resource is registered."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(dict.fromkeys(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))


@contextmanager
def problems_told_plainly() -> Iterator[None]:
    """Show a person's mistake as its own text alone, without a traceback, and end the program."""
    try:
        yield
    except (StackProblems, FluxInputError) as error:
        count = len(error.problems) if isinstance(error, StackProblems) else 1
        pulumi.log.error(f"{count} problem{'s' if count > 1 else ''}; nothing was changed.\n{redacted(str(error))}")
        sys.exit(EXIT_CODE_ERROR_WAS_SHOWN)
