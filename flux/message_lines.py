"""A message as lines for a person: each part begins a line of its own, and no line is longer than words allow."""

import re
import textwrap

from flux.message import Message, ended
from flux.visible_text import visible

WIDTH = 100
"""Characters of a line, where words allow."""
INDENT = "  "
_COMMAND = re.compile(r"\b[Rr]un: (?!.*\b[Rr]un: )")


def lines_of(told: Message, where: str = "") -> list[str]:
    """Where and what is wrong; what it would have caused; what to write or run."""
    return [line for part in parts_of(told, where) for line in part]


def parts_of(told: Message, where: str = "") -> tuple[list[str], list[str], list[str]]:
    """The lines of each of the three parts; none of a part that is not there. `where`: the place, which comes first."""
    wrong = ended(told.wrong) if told.consequence or told.fix else told.wrong
    first = _wrapped(visible(f"{where}: {wrong}" if where else wrong), "")
    return first, _wrapped(visible(told.consequence), INDENT), _wrapped(visible(told.fix), INDENT)


def _wrapped(text: str, indent: str) -> list[str]:
    """`text` on lines. A command that ends it stays on one line, as a person pastes it."""
    found = _COMMAND.search(text)
    if found is None or len(f"{indent}{text}") <= WIDTH:
        return _filled(text, indent)
    before, command = _filled(text[: found.start()], indent), text[found.start() :]
    if before and len(before[-1]) + 1 + len(command) <= WIDTH:
        return [*before[:-1], f"{before[-1]} {command}"]
    return [*before, f"{indent}{command}"]


def _filled(text: str, indent: str) -> list[str]:
    return textwrap.wrap(
        text, WIDTH, initial_indent=indent, subsequent_indent=f"{indent}{INDENT}", break_long_words=False, break_on_hyphens=False
    )
