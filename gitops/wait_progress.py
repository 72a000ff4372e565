"""What a wait says meanwhile, on stderr."""

import time
from typing import TextIO

from flux.visible_text import visible
from gitops.messages import trim_middle
from gitops.terminal import clear_line, print_lines, rewrite_line

HEARTBEAT_SECONDS = 20.0


class WaitProgress:
    """On a terminal one line that is rewritten; elsewhere a line for each change, and a shorter one every 20 s without any."""

    def __init__(self, stream: TextIO, width: int = 120) -> None:
        self._stream, self._width = stream, width
        self._terminal = stream.isatty()
        self._started = self._written = time.monotonic()
        self._text = self._in_short = "waiting for the first answer"

    def say(self, text: str, in_short: str = "") -> None:
        """What is waited for now; written where it differs from what was. `in_short`: what is repeated of it where nothing changes."""
        if text != self._text:
            self._text, self._in_short = text, in_short or text
            self._write(text)

    def poll(self) -> None:
        """Any reading: time goes on."""
        if self._terminal:
            self._write(self._text)
        elif time.monotonic() - self._written >= HEARTBEAT_SECONDS:
            self._write(f"still {self._in_short}")

    def done(self) -> None:
        """Leave the line to what comes next."""
        if self._terminal:
            clear_line(self._stream)

    def _write(self, text: str) -> None:
        self._written = time.monotonic()
        line = f"{self._written - self._started:.0f} s: {text}"
        if self._terminal:
            rewrite_line(trim_middle(visible(line), self._width - 1), self._stream)
        else:
            print_lines(visible(line), self._stream)
