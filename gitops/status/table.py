"""The table of `gitops status`. Names are never cut off: a narrow terminal gets a list instead."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby
from textwrap import wrap

from rich.console import Console
from rich.text import Text

from flux.visible_text import visible
from gitops.messages import LONGEST_SAID, NOTHING, one_line, shorten, trim, trim_middle
from gitops.status.row import Readiness, StatusRow
from gitops.terminal import print_result

GAP = 2
NARROWEST_MESSAGE = 24
"""With less room than this beside the other columns, the message moves below them."""
IDLE = timedelta(minutes=10)
"""A controller whose objects show nothing newer is called idle: Flux writes nothing down where it finds nothing new."""
SHOWN_NAMES = 6
NO_OBJECT = "no Flux object found"

_SHOWN = {Readiness.NEVER: NOTHING}
_STYLES = {
    Readiness.YES: "green",
    Readiness.NO: "bold red",
    Readiness.UNKNOWN: "yellow",
    Readiness.SUSPENDED: "dim",
    Readiness.NEVER: "dim",
}


def print_table(rows: Sequence[StatusRow], console: Console, now: datetime | None = None) -> None:
    """The table and its summary. Where the output is no terminal, a line for each object, as wide as it needs to be."""
    width = console.width if console.is_terminal else None
    # rich is not to wrap or crop again what fits already.
    print_result(render(rows, width, now or datetime.now(UTC)), console)


def render(rows: Sequence[StatusRow], width: int | None, now: datetime) -> Text:
    """The table and its summary, for a terminal of `width` columns or, with None, for one without an end.

    On a terminal, the message of an object that is not ready lacks its middle when it is very long, and that of a ready one gets a
    single line; elsewhere each object gets one line with all of it.
    """
    lines: list[Text] = []
    if rows:
        with_namespace = len({row.namespace for row in rows}) > 1
        header = ["KIND", *(["NAMESPACE"] if with_namespace else []), "NAME", "REVISION", "READY", "AGE"]
        table = [_cells(row, now, with_namespace) for row in rows]
        widths = [max(len(line[column]) for line in [header, *table]) for column in range(len(header))]
        taken = sum(widths) + GAP * len(widths)
        if width is None or width - taken >= NARROWEST_MESSAGE:
            lines.append(Text(_padded([*header, "MESSAGE"], widths), style="bold"))
            for _, group in groupby(zip(rows, table, strict=True), key=lambda pair: pair[0].group):
                lines.append(Text())
                for row, cells in group:
                    lines += _line(row, cells, widths, None if width is None else width - taken, now)
        else:
            for row, cells in zip(rows, table, strict=True):
                lines += _entry(row, cells, width, now)
        lines.append(Text())
    return Text("\n").join([*lines, Text(summary(rows))])


def summary(rows: Sequence[StatusRow]) -> str:
    """`13 of 14 ready; not ready: HelmRelease/media/jellyfin`. Suspended objects and those without a status are not counted."""
    if not rows:
        return NO_OBJECT
    counted = [row for row in rows if row.ready is Readiness.YES or row.blocks]
    parts = [] if any(not row.is_controller for row in rows) else [NO_OBJECT]
    parts += [f"{sum(not row.blocks for row in counted)} of {len(counted)} ready"]
    for label, readiness in (("not ready", Readiness.NO), ("unknown", Readiness.UNKNOWN), ("suspended", Readiness.SUSPENDED)):
        if names := [visible(str(row.reference)) for row in rows if row.ready is readiness]:
            more = f" and {len(names) - SHOWN_NAMES} more" if len(names) > SHOWN_NAMES else ""
            parts.append(f"{label}: {', '.join(names[:SHOWN_NAMES])}{more}")
    if silent := sum(row.ready is Readiness.NEVER for row in rows):
        parts.append(f"{silent} without a status")
    return "; ".join(parts)


def age(since: datetime | None, now: datetime) -> str:
    """`5s`, `3m`, `2h`, `4d`: the largest unit that fits."""
    if since is None:
        return NOTHING
    seconds = max(0, int((now - since).total_seconds()))
    for unit, length in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds >= length:
            return f"{seconds // length}{unit}"
    return f"{seconds}s"


def message_of(row: StatusRow, now: datetime | None = None) -> str:
    """The message on one line, hashes shortened; a controller that gave up is said to have, and one that runs with what it did last."""
    text = visible(shorten(one_line(row.message)))
    if row.is_controller and row.ready is Readiness.YES and now is not None:
        return f"{text}; {_last_done(row, now)}"
    return f"stalled: {text}" if row.stalled else text


def _last_done(row: StatusRow, now: datetime) -> str:
    if row.last_reconciled is None:
        return "idle: no object of its kinds shows a reconciliation"
    if now - row.last_reconciled > IDLE:
        return f"idle: its objects show nothing new for {age(row.last_reconciled, now)}"
    return f"last seen to reconcile {age(row.last_reconciled, now)} ago"


def _cells(row: StatusRow, now: datetime, with_namespace: bool) -> list[str]:
    namespace = [row.namespace or NOTHING] if with_namespace else []
    ready = _SHOWN.get(row.ready, row.ready.value)
    written = [row.kind, *namespace, row.name, shorten(row.revision) or NOTHING, ready, age(row.changed, now)]
    return [visible(cell) for cell in written]


def _line(row: StatusRow, cells: list[str], widths: list[int], room: int | None, now: datetime) -> list[Text]:
    """One object in the table; a message that needs them gets more lines below itself."""
    message = message_of(row, now)
    if room is None:
        parts = [message]
    elif row.blocks:
        parts = wrap(trim_middle(message, LONGEST_SAID), room) or [""]
    else:
        parts = [trim(message, room)]
    first = Text(_padded([*cells, parts[0]], widths).rstrip())
    start = sum(widths[:-2]) + GAP * (len(widths) - 2)
    first.stylize(_STYLES[row.ready], start, start + len(cells[-2]))
    indent = " " * (sum(widths) + GAP * len(widths))
    return [first, *(Text(indent + part) for part in parts[1:])]


def _entry(row: StatusRow, cells: list[str], width: int, now: datetime) -> list[Text]:
    """One object in the list: its name on its own line, which may be longer than the terminal is wide."""
    revision, ready, since = cells[-3:]
    facts = Text("  ") + Text(ready, style=_STYLES[row.ready]) + Text(f"  {revision}  {since}")
    message = message_of(row, now)
    shown = trim_middle(message, LONGEST_SAID) if row.blocks else trim(message, max(width, NARROWEST_MESSAGE) - GAP)
    below = wrap(shown, max(width, NARROWEST_MESSAGE), initial_indent="  ", subsequent_indent="  ")
    return [Text(visible(str(row.reference)), style="bold"), facts, *(Text(part) for part in below)]


def _padded(cells: Sequence[str], widths: Sequence[int]) -> str:
    columns = [cell.ljust(size + GAP) for cell, size in zip(cells, widths, strict=False)]
    return "".join(columns) + "".join(cells[len(widths) :])
