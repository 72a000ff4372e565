"""The one exception whose text is meant for the person at the terminal, and how it spells a command."""

from collections.abc import Iterable

from flux.message import Message
from flux.message_lines import parts_of
from gitops.telling import in_colours

COMMAND = ".venv/bin/python -m devcluster"
"""How a message spells this package's command: nothing says that the virtual environment is on PATH."""


class DevclusterError(Exception):
    """Something the person can act on, in three parts. Shown without a traceback."""

    def __init__(self, wrong: str, consequence: str = "", fix: str = "", *, said: Iterable[str] = ()) -> None:
        """What is wrong, what follows from it, what to do; `said` are the last lines of a program that explain it."""
        self.message = Message(wrong, consequence, fix)
        self.said = tuple(said)
        super().__init__("\n".join(self._lines(coloured=False)))

    def shown(self, *, coloured: bool) -> str:
        """All of it, for a person."""
        return "\n".join(self._lines(coloured=coloured))

    def _lines(self, *, coloured: bool) -> Iterable[str]:
        parts = parts_of(self.message)
        wrong, consequence, fix = in_colours(*parts) if coloured else parts
        yield from wrong
        yield from (f"    {line}" for line in self.said)
        yield from (*consequence, *fix)


def last_lines(printed: str, count: int) -> tuple[str, ...]:
    """The last lines of what a program printed, for `said`; that it was silent, if it was."""
    return tuple(printed.strip().splitlines()[-count:]) or ("it printed nothing",)
