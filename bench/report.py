"""From times to ratios, and the tables that show them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from rich.console import Console
from rich.table import Table

from bench.contenders import Times

GOAL = 1.15
"""How many times as long as the bare program this one may take at most."""

TimesOfContenders = Mapping[str, Sequence[Times]]
"""Contender → its times, round by round: first the one that is judged, then the floor, then others."""


@dataclass(frozen=True, kw_only=True)
class Ratio:
    """How many times as long one contender took as another, in each round."""

    median: float
    least: float
    most: float


def ratio(these: Sequence[float], those: Sequence[float]) -> Ratio:
    """`these` over `those`, round by round: what slows the machine for a whole round slows both."""
    each = [this / that for this, that in zip(these, those, strict=True)]
    return Ratio(median=median(each), least=min(each), most=max(each))


def print_report(results: TimesOfContenders, objects: int, console: Console) -> bool:
    """Print a table for each thing that was timed, and the verdict; whether the goal was met."""
    judged, floor, *_ = results
    rounds = f"{len(results[judged])} round{'s' if len(results[judged]) > 1 else ''}"
    console.print(_table(f"up: {objects} objects into an empty cluster, {rounds}", results, lambda times: times.up))
    console.print(_table(f"preview with nothing to do, {rounds}", results, lambda times: times.preview))
    reached = ratio([times.up for times in results[judged]], [times.up for times in results[floor]])
    met = reached.median <= GOAL
    console.print(
        f"Goal: `up` takes at most {GOAL} times as long as the {floor}'s. It takes {reached.median:.2f}: {'met' if met else 'not met'}.",
        soft_wrap=True,
    )
    console.print("Seconds are of this machine at this hour; only ratios can be compared.", soft_wrap=True)
    return met


def _table(title: str, results: TimesOfContenders, timed: Callable[[Times], float | None]) -> Table:
    values = {name: [value for times in each if (value := timed(times)) is not None] for name, each in results.items()}
    (judged, ours), *others = ((name, each) for name, each in values.items() if each)
    table = Table(title=title, title_justify="left", title_style="bold")
    table.add_column("seconds", no_wrap=True)
    for heading in ("min", "median", "max"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column(f"{judged}, times", no_wrap=True)
    table.add_row(judged, *_spread(ours), "")
    for name, theirs in others:
        table.add_row(name, *_spread(theirs), _shown(ratio(ours, theirs)))
    return table


def _spread(values: Sequence[float]) -> list[str]:
    return [f"{value:.1f}" for value in (min(values), median(values), max(values))]


def _shown(one: Ratio) -> str:
    return f"{one.median:.2f} ({one.least:.2f} to {one.most:.2f})"
