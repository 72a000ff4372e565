"""A Markdown text cut between two lines, so that what was open there is closed: blocks of code, and folded parts."""

import re
from collections.abc import Callable

_FENCE = re.compile(r"^(`{3,})[^`]*$")
_OPENS, _CLOSES = "<details", "</details>"


def cut(text: str, limit: int, tail: Callable[[int], str]) -> str:
    """`text` within `limit` bytes. `tail`: what to say at the end, of so many lines that are left out."""
    if _size(text) <= limit:
        return text
    lines = text.split("\n")
    fence, folded, size, best = "", 0, 0, (0, "")
    room = limit - _size(tail(len(lines)))
    for number, line in enumerate(lines, start=1):
        fence, folded = _after(line, fence, folded)
        size += _size(line) + 1
        closing = (f"{fence}\n" if fence else "") + f"\n{_CLOSES}\n" * folded
        if size + _size(closing) > room:
            break
        best = number, closing
    kept, closing = best
    return "".join(f"{line}\n" for line in lines[:kept]) + closing + tail(len(lines) - kept)


def _after(line: str, fence: str, folded: int) -> tuple[str, int]:
    """What is open after a line: the fence of a block, and how many folded parts."""
    found = _FENCE.match(line)
    if fence:
        return ("", folded) if found and line.strip() == found[1] and len(found[1]) >= len(fence) else (fence, folded)
    if found:
        return found[1], folded
    return "", max(0, folded + line.startswith(_OPENS) - line.startswith(_CLOSES))


def _size(text: str) -> int:
    return len(text.encode())
