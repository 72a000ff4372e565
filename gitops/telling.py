"""How a command shows what is wrong: in three lines on stderr, in colours on a terminal."""

import os
from typing import TextIO

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
    print(lines(error.message, where, coloured=_has_colours(stream)), file=stream)
    if isinstance(error, CommandError) and error.details:
        print_lines(without_tokens(error.details), stream)


def lines(told: Message, where: str = "", *, coloured: bool = False) -> str:
    """The message in lines, after the name of the command."""
    wrong, consequence, fix = parts_of(told.by_part(without_tokens), without_tokens(f"gitops: {where}" if where else "gitops"))
    if coloured:
        wrong = [f"{_RED}{line}{_RESET}" for line in wrong]
        consequence = [f"{_DIM}{line}{_RESET}" for line in consequence]
    return "\n".join([*wrong, *consequence, *fix])


def _has_colours(stream: TextIO) -> bool:
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
