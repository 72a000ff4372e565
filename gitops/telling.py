"""How a command shows what is wrong: in three lines on stderr, in colours on a terminal."""

import os
from typing import TextIO

from flux.known_secrets import masked
from flux.message import Message
from flux.message_lines import parts_of
from flux.secret_shapes import without_tokens
from gitops.errors import CommandError
from gitops.terminal import print_lines
from live.errors import LiveError

_RED, _DIM, _RESET = "\033[1;31m", "\033[2m", "\033[0m"


def tell(error: CommandError | LiveError, stream: TextIO) -> None:
    """Print what `error` says."""
    where = error.where if isinstance(error, LiveError) else ""
    print(lines(error.message, where, coloured=has_colours(stream)), file=stream)
    if isinstance(error, CommandError) and error.details_in_colours and has_colours(stream):
        print(masked(without_tokens(error.details_in_colours)), file=stream)
    elif isinstance(error, CommandError) and error.details:
        print_lines(without_tokens(error.details), stream)


def lines(told: Message, where: str = "", *, coloured: bool = False) -> str:
    """The message in lines, after the name of the command."""
    parts = parts_of(told.by_part(without_tokens), without_tokens(f"gitops: {where}" if where else "gitops"))
    wrong, consequence, fix = in_colours(*parts) if coloured else parts
    return "\n".join([*wrong, *consequence, *fix])


def in_colours(wrong: list[str], consequence: list[str], fix: list[str]) -> tuple[list[str], list[str], list[str]]:
    """The lines of a message for a terminal: what is wrong stands out, and what it would have caused steps back."""
    return [f"{_RED}{line}{_RESET}" for line in wrong], [f"{_DIM}{line}{_RESET}" for line in consequence], fix


def has_colours(stream: TextIO) -> bool:
    """Whether the stream is a terminal that shows colours, and the person wants them (https://no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
