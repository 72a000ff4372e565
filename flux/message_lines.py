"""A message as lines for a person: each part begins a line of its own, and no line is longer than words allow."""

import re
import textwrap

from flux.message import Message, ended
from flux.visible_text import visible

WIDTH = 100
"""Characters of a line, where words allow."""
INDENT = "  "
_COMMAND = re.compile(r"\b(?:[Rr]un|To [a-z ]+): ")
"""What a command follows, to the end of the text."""


def lines_of(told: Message, where: str = "") -> list[str]:
    """Where and what is wrong; what it would have caused; what to write or run."""
    return [line for part in parts_of(told, where) for line in part]


def parts_of(told: Message, where: str = "") -> tuple[list[str], list[str], list[str]]:
    """The lines of each of the three parts; none of a part that is not there. `where`: the place, which comes first."""
    wrong = ended(told.wrong) if told.consequence or told.fix else told.wrong
    first = wrapped(visible(f"{where}: {wrong}" if where else wrong), hanging=2 * INDENT)
    return first, wrapped(visible(told.consequence), INDENT, WIDTH), wrapped(visible(told.fix), INDENT, WIDTH)


def below_a_heading(told: Message, width: int | None = None) -> list[str]:
    """The three parts, each indented, below a line that says where. `width`: of a terminal, which may be narrower."""
    wrong = ended(told.wrong) if told.consequence or told.fix else told.wrong
    within = min(WIDTH, width or WIDTH)
    return [line for part in (wrong, told.consequence, told.fix) for line in wrapped(visible(part), INDENT, within)]


def wrapped(text: str, indent: str = "", width: int = WIDTH, hanging: str | None = None) -> list[str]:
    """`text` on lines, those after the first behind `hanging`. A command that ends it stays on one line, as a person pastes it."""
    hanging = f"{indent}{INDENT}" if hanging is None else hanging
    found = next(reversed([*_COMMAND.finditer(text)]), None)
    if found is None or len(f"{indent}{text}") <= width:
        return _filled(text, indent, hanging, width)
    before, command = _filled(text[: found.start()], indent, hanging, width), text[found.start() :]
    if before and len(before[-1]) + 1 + len(command) <= width:
        return [*before[:-1], f"{before[-1]} {command}"]
    return [*before, f"{indent}{command}"]


def _filled(text: str, indent: str, hanging: str, width: int) -> list[str]:
    return textwrap.wrap(text, width, initial_indent=indent, subsequent_indent=hanging, break_long_words=False, break_on_hyphens=False)
