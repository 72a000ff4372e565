"""The steps of a command, counted, so that a person who watches knows what is done and how much is left."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from devcluster.messages.progress import RunningStep, step


class NumberedSteps:
    """Counts as it goes: `[3/9] sample repositories: done in 6 s`."""

    def __init__(self, total: int) -> None:
        """There are `total` steps; none has begun."""
        self._total = total
        self._number = 0

    @contextmanager
    def __call__(self, label: str) -> Iterator[RunningStep]:
        """The next step, with its time at the end, and a sign of life while it lasts."""
        with step(self._numbered(label)) as running:
            yield running

    def begin(self, label: str) -> None:
        """The next step, which speaks for itself from here on."""
        say(self._numbered(label))

    def _numbered(self, label: str) -> str:
        self._number += 1
        return f"[{self._number}/{self._total}] {label}"


def say(text: str) -> None:
    """One line of progress."""
    print(f"  {text}", file=sys.stderr, flush=True)
