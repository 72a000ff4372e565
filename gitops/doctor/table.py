"""The table of `gitops doctor`: a part for each group, and below what is not fine what to do about it."""

import textwrap
from collections.abc import Iterator, Sequence
from itertools import groupby

from rich.console import Console
from rich.text import Text

from flux.message import Message
from flux.message_lines import wrapped
from flux.visible_text import visible
from gitops.doctor.check_result import BAD, Check, State
from gitops.terminal import print_result

_STYLES = {State.OK: "green", State.WARNING: "yellow", State.MISSING: "bold red", State.FAILED: "bold red", State.UNNEEDED: "dim"}
_SHOWN = {State.UNNEEDED: "–"}  # noqa: RUF001 (as in the other tables)
_STATE_WIDTH = max(len(state.value) for state in State if state not in _SHOWN)
_INDENT = 2 + _STATE_WIDTH + 2
WIDTH, NARROWEST = 100, 50
LONGEST_NAME = 24
"""Longer ones exceed the column."""


def print_checks(checks: Sequence[Check], console: Console) -> None:
    """The table and its summary."""
    print_result(render(checks, min(console.width, WIDTH) if console.is_terminal else WIDTH), console)


def render(checks: Sequence[Check], width: int) -> Text:
    """The table and its summary, for lines of `width` characters where words allow. What is to be run is never broken."""
    names = max((len(check.name) for check in checks if len(check.name) <= LONGEST_NAME), default=0)
    lines: list[Text] = []
    for group, of_group in groupby(checks, key=lambda check: check.group):
        lines.append(Text(group, style="bold"))
        for check in of_group:
            lines += _lines(check, names, max(width, NARROWEST))
        lines.append(Text())
    return Text("\n").join([*lines, Text(summary(checks))])


def summary(checks: Sequence[Check]) -> str:
    """The result: `Nothing is missing; 2 warnings`."""
    bad = sum(check.state in BAD for check in checks)
    warnings = sum(check.state is State.WARNING for check in checks)
    text = "Nothing is missing" if not bad else f"{bad} {'things are' if bad > 1 else 'thing is'} missing or failed"
    return f"{text}; {warnings} warning{'' if warnings == 1 else 's'}."


def _lines(check: Check, names: int, width: int) -> Iterator[Text]:
    told = check.message
    what = " ".join(part for part in (check.found, f"{'– ' if check.found and told else ''}{told.wrong if told else ''}") if part)  # noqa: RUF001
    state = Text(_SHOWN.get(check.state, check.state.value).ljust(_STATE_WIDTH), style=_STYLES[check.state])
    text = visible(f"{check.name.ljust(names)}  {what}".rstrip())
    first, *rest = textwrap.wrap(text, width - _INDENT, break_long_words=False, break_on_hyphens=False) or [""]
    yield Text("  ") + state + Text(f"  {first}")
    for part in (*rest, *_advice(told, width)) if told else rest:
        yield Text(" " * (_INDENT + 2) + part)


def _advice(told: Message, width: int) -> Iterator[str]:
    for part in (told.consequence, told.fix):
        yield from wrapped(visible(part), width=width - _INDENT - 2)
