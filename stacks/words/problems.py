"""What is wrong with the files, all at once."""

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import groupby
from typing import NoReturn

from flux.errors import FluxInputError
from flux.known_secrets import secrets_of_this_run
from flux.message import Message
from flux.message_lines import parts_of
from flux.secret_shapes import redacted
from flux.visible_text import visible
from stacks.words import log
from stacks.words.place import Place

MessageParts = tuple[list[str], list[str], list[str]]
"""Of a message: lines for each."""
EXIT_CODE_ERROR_WAS_SHOWN = 32
"""The one exit code after which the engine adds nothing to what the program logged."""


@dataclass(frozen=True)
class Problem:
    """One problem, with the place where a person corrects it."""

    where: Place
    message: Message
    """Never holds a secret value."""

    def __str__(self) -> str:
        """On one line, as a log shows it."""
        return visible(redacted(f"{self.where}: {self.message}"))

    @property
    def parts(self) -> MessageParts:
        """The lines of its three parts: where and what; what it would have caused; what to write."""
        return parts_of(replace(self.message, wrong=f"{self.where}: {self.message.wrong}").by_part(redacted))

    @property
    def lines(self) -> list[str]:
        """The same, one after the other."""
        return [line for part in self.parts for line in part]


def end_with(text: str) -> NoReturn:
    """End a run that has already begun to apply. An error that was only logged would leave the exit code 0."""
    log.error(text)
    sys.exit(EXIT_CODE_ERROR_WAS_SHOWN)


def shown(problems: Iterable[Problem], in_colours: Callable[[list[str], list[str], list[str]], MessageParts] | None = None) -> str:
    """All of them, those of one file together and by line; the files in the order in which a problem of them was found."""
    every = list(dict.fromkeys(problems))
    order = {file: index for index, file in reversed(list(enumerate(problem.where.file for problem in every)))}
    by_line = sorted(every, key=lambda problem: (order[problem.where.file], problem.where.line))
    groups = groupby(by_line, key=lambda problem: problem.where.file)
    return "\n\n".join("\n".join(line for problem in of_file for line in _lines(problem, in_colours)) for _, of_file in groups)


def _lines(problem: Problem, in_colours: Callable[[list[str], list[str], list[str]], MessageParts] | None) -> Iterator[str]:
    for part in in_colours(*problem.parts) if in_colours else problem.parts:
        yield from part


class StackProblems(Exception):  # noqa: N818 (it is a collection of problems)
    """Ends the program before any resource is registered."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(dict.fromkeys(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))


@contextmanager
def problems_told_plainly() -> Iterator[None]:
    """Show only the problems, without a traceback, and end the program. What the run reads as secret is masked."""
    with secrets_of_this_run(), _told():
        yield


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except (StackProblems, FluxInputError) as error:
        count = len(error.problems) if isinstance(error, StackProblems) else 1
        text = shown(error.problems) if isinstance(error, StackProblems) else visible(redacted(str(error)))
        log.error(f"{count} problem{'s' if count > 1 else ''}; nothing was changed.\n{text}")
        sys.exit(EXIT_CODE_ERROR_WAS_SHOWN)
