"""A Markdown text cut between two lines, so that what was open there is closed: blocks of code, and folded parts."""

import re
from collections.abc import Callable
from dataclasses import dataclass

_FENCE = re.compile(r"^(`{3,})[^`]*$")
_OPENS, _CLOSES = "<details", "</details>"


@dataclass(frozen=True)
class _Open:
    """What is open after a line."""

    fence: str = ""
    folded: int = 0
    is_html: bool = False
    """HTML goes on to the next empty line, and what looks like a fence in it is none: CommonMark, HTML blocks, condition 6."""

    def after(self, line: str) -> "_Open":
        found = _FENCE.match(line)
        if self.fence:
            is_closed = found and line.strip() == found[1] and len(found[1]) >= len(self.fence)
            return _Open(folded=self.folded) if is_closed else self
        is_html = line.startswith((_OPENS, _CLOSES)) or (self.is_html and bool(line.strip()))
        if found and not is_html:
            return _Open(found[1], self.folded)
        return _Open("", max(0, self.folded + line.startswith(_OPENS) - line.startswith(_CLOSES)), is_html)

    def closing(self) -> str:
        return (f"{self.fence}\n" if self.fence else "") + f"\n{_CLOSES}\n" * self.folded


def cut(text: str, limit: int, tail: Callable[[int], str]) -> str:
    """`text` within `limit` bytes. `tail`: what to say at the end, of so many lines that are left out."""
    if _size(text) <= limit:
        return text
    lines = text.split("\n")
    opened, size, kept, closing = _Open(), 0, 0, ""
    room = limit - _size(tail(len(lines)))
    for number, line in enumerate(lines, start=1):
        opened = opened.after(line)
        size += _size(line) + 1
        if size + _size(opened.closing()) > room:
            break
        kept, closing = number, opened.closing()
    return "".join(f"{line}\n" for line in lines[:kept]) + closing + tail(len(lines) - kept)


def _size(text: str) -> int:
    return len(text.encode())
