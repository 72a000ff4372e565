"""What the program says through the engine: on a terminal, in a CI log, and in the update's history."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import pulumi

from flux.known_secrets import masked
from flux.visible_text import visible, visible_lines

_unheard: ContextVar[bool] = ContextVar("unheard", default=False)


@contextmanager
def unheard() -> Iterator[None]:
    """Within, only errors are printed: for commands that read a stack, and show nothing of what a preview would."""
    token = _unheard.set(True)
    try:
        yield
    finally:
        _unheard.reset(token)


def error(text: str) -> None:
    """What ends the program, in lines of our own."""
    pulumi.log.error(visible_lines(masked(text)))


def warn(text: str) -> None:
    """What a person should look at, on one line."""
    if not _unheard.get():
        pulumi.log.warn(visible(masked(text)))


def info(text: str) -> None:
    """What a person may want to know, on one line."""
    if not _unheard.get():
        pulumi.log.info(visible(masked(text)))
