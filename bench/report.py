"""From measures to ratios, and the tables that show them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from rich.console import Console
from rich.table import Table

from bench.measures import Measures, Took

MeasuresOfContenders = Mapping[str, Sequence[Measures]]
"""Contender → its measures, round by round: first the one that is judged, then the floor, then others."""
MeasureTaken = Callable[[Measures], float | None]
OneOf = Callable[[Measures], Took | None]
DURATIONS: Mapping[str, tuple[OneOf, OneOf]] = {
    "first preview": (lambda each: each.first_preview, lambda each: each.first_preview),
    "up": (lambda each: each.up, lambda each: each.up),
    "up --fast": (lambda each: each.fast_up, lambda each: each.fast_up or each.up),
    "second preview": (lambda each: each.preview, lambda each: each.preview),
}
"""Heading → what it shows of a contender, and what this program is compared with: who has no fast mode has one mode."""


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column of both tables."""

    heading: str
    shown: MeasureTaken
    compared: MeasureTaken
    """What of another contender this program is compared with."""
    written: str
    """How the value is written."""


def seconds_of(one: OneOf) -> MeasureTaken:
    """The seconds on the clock."""
    return lambda each: took.seconds if (took := one(each)) else None


def processor_of(one: OneOf) -> MeasureTaken:
    """The seconds of processor time."""
    return lambda each: took.processor if (took := one(each)) else None


def _size(heading: str, of: MeasureTaken, written: str) -> Column:
    return Column(heading=heading, shown=of, compared=of, written=written)


CLOCK = [
    *(
        Column(heading=heading, shown=seconds_of(shown), compared=seconds_of(compared), written="{:.1f} s")
        for heading, (shown, compared) in DURATIONS.items()
    ),
    _size("state", lambda each: each.state, "{:.2f} MB"),
    _size("program", lambda each: each.memory, "{:.0f} MB"),
    _size("all processes", lambda each: each.memory_of_all, "{:.0f} MB"),
]
PROCESSOR = [
    Column(heading=f"{heading}, processor", shown=processor_of(shown), compared=processor_of(compared), written="{:.1f} s")
    for heading, (shown, compared) in DURATIONS.items()
]


@dataclass(frozen=True, kw_only=True)
class Ratio:
    """How many times as much one contender took as another, in each round."""

    median: float
    least: float
    most: float


def ratio(these: Sequence[float], those: Sequence[float]) -> Ratio:
    """`these` over `those`, round by round: what slows the machine for a whole round slows both."""
    each = [this / that for this, that in zip(these, those, strict=True)]
    return Ratio(median=median(each), least=min(each), most=max(each))


def values(measures: Sequence[Measures], taken: MeasureTaken) -> list[float]:
    """What `taken` takes of each round; nothing where the contender has no such thing."""
    return [value for each in measures if (value := taken(each)) is not None]


def print_report(results: MeasuresOfContenders, scale: int, objects: int, console: Console) -> None:
    """Print what was measured, as medians, and how many times as much this program takes as each other."""
    judged, *others = results
    count = len(results[judged])
    beside = f"{scale} sources and {scale} Kustomizations beside the dev stack's: " if scale else "the dev stack: "
    console.print(f"{beside}{objects} objects, {count} round{'s' if count > 1 else ''}", style="bold", soft_wrap=True)
    for columns in (CLOCK, PROCESSOR):
        table = _table("median", columns)
        for name, measures in results.items():
            found = [(values(measures, column.shown), column.written) for column in columns]
            table.add_row(name, *(written.format(median(each)) if each else "" for each, written in found))
        table.add_section()
        for name in others:
            table.add_row(f"times {name}", *(_ratio(results[judged], results[name], column) for column in columns))
        console.print(table)


def _ratio(ours: Sequence[Measures], theirs: Sequence[Measures], column: Column) -> str:
    these, those = values(ours, column.shown), values(theirs, column.compared)
    if len(these) != len(those) or not these:
        return ""
    found = ratio(these, those)
    return f"{found.median:.2f}" if len(these) == 1 else f"{found.median:.2f} ({found.least:.2f} to {found.most:.2f})"


def _table(first: str, columns: Sequence[Column]) -> Table:
    table = Table()
    table.add_column(first, no_wrap=True)
    for column in columns:
        table.add_column(column.heading, justify="right")
    return table
