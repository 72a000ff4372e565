"""From measures to ratios, and the tables that show them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from rich.console import Console
from rich.table import Table

from bench.measures import Measures

MeasuresOfContenders = Mapping[str, Sequence[Measures]]
"""Contender → its measures, round by round: first the one that is judged, then the floor, then others."""
MeasureTaken = Callable[[Measures], float | None]
COLUMNS: Mapping[str, tuple[MeasureTaken, MeasureTaken, str]] = {
    "first preview": (lambda each: each.first_preview, lambda each: each.first_preview, "{:.1f} s"),
    "up": (lambda each: each.up, lambda each: each.up, "{:.1f} s"),
    "up --fast": (lambda each: each.fast_up, lambda each: each.fast_up or each.up, "{:.1f} s"),
    "second preview": (lambda each: each.preview, lambda each: each.preview, "{:.1f} s"),
    "state": (lambda each: each.state, lambda each: each.state, "{:.2f} MB"),
    "program": (lambda each: each.memory, lambda each: each.memory, "{:.0f} MB"),
    "all processes": (lambda each: each.memory_of_all, lambda each: each.memory_of_all, "{:.0f} MB"),
}
"""Heading → what it shows of a contender, what this program is compared with (who has no fast mode has one mode), and how it is written."""


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
    table = _table(f"{beside}{objects} objects, {count} round{'s' if count > 1 else ''}", "median")
    for name, measures in results.items():
        found = [(values(measures, shown), written) for shown, _, written in COLUMNS.values()]
        table.add_row(name, *(written.format(median(each)) if each else "" for each, written in found))
    console.print(table)
    ratios = _table("", f"{judged}, times")
    for name in others:
        ratios.add_row(name, *(_ratio(results[judged], results[name], *taken) for *taken, _ in COLUMNS.values()))
    console.print(ratios)


def _ratio(ours: Sequence[Measures], theirs: Sequence[Measures], our: MeasureTaken, their: MeasureTaken) -> str:
    these, those = values(ours, our), values(theirs, their)
    if len(these) != len(those) or not these:
        return ""
    found = ratio(these, those)
    return f"{found.median:.2f}" if len(these) == 1 else f"{found.median:.2f} ({found.least:.2f} to {found.most:.2f})"


def _table(title: str, first: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold")
    table.add_column(first, no_wrap=True)
    for heading in COLUMNS:
        table.add_column(heading, justify="right")
    return table
