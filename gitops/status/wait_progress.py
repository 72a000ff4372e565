"""What a wait says meanwhile, on stderr: how many are ready, and what it waits for."""

import time
from collections.abc import Sequence
from typing import TextIO

from gitops.messages import trim_middle
from gitops.status.row import Readiness, StatusRow
from gitops.status.table import message_of

HEARTBEAT_SECONDS = 20.0
WAITS_FOR_ANOTHER = {"DependencyNotReady", "SourceNotReady"}


class WaitProgress:
    """On a terminal one line that is rewritten; elsewhere a line for each change, and one every 20 s without any."""

    def __init__(self, stream: TextIO, width: int = 120) -> None:
        self._stream, self._width = stream, width
        self._terminal = stream.isatty()
        self._started = self._written = time.monotonic()
        self._text = "waiting for the first answer"

    def change(self, rows: Sequence[StatusRow]) -> None:
        """A reading that differs from the one before."""
        self.say(describe(rows))

    def say(self, text: str) -> None:
        """What is waited for now; written where it differs from what was."""
        if text != self._text:
            self._text = text
            self._write()

    def poll(self) -> None:
        """Any reading: time goes on."""
        if self._terminal or time.monotonic() - self._written >= HEARTBEAT_SECONDS:
            self._write()

    def done(self) -> None:
        """Leave the line to what comes next."""
        if self._terminal:
            print("\r\033[K", end="", file=self._stream, flush=True)

    def _write(self) -> None:
        self._written = time.monotonic()
        line = f"{self._written - self._started:.0f} s: {self._text}"
        if self._terminal:
            print(f"\r\033[K{trim_middle(line, self._width - 1)}", end="", file=self._stream, flush=True)
        else:
            print(line, file=self._stream, flush=True)


def describe(rows: Sequence[StatusRow]) -> str:
    """`3 of 14 ready; waiting for Kustomization/flux-system/cluster-vars (…)`: an object that waits for another is not the one to name."""
    if all(row.is_controller for row in rows):
        return "no Flux object yet"
    counted = [row for row in rows if row.ready is Readiness.YES or row.blocks]
    blocking = [row for row in counted if row.blocks]
    text = f"{len(counted) - len(blocking)} of {len(counted)} ready"
    if not blocking:
        return text
    first = min(blocking, key=lambda row: row.reason in WAITS_FOR_ANOTHER)
    why = f" ({message_of(first)})" if first.message else ""
    more = f" and {len(blocking) - 1} more" if len(blocking) > 1 else ""
    return f"{text}; waiting for {first.identity}{why}{more}"
