"""The goals, and whether a run met them. A missed goal fails nothing: only ratios of one run on a quiet machine mean something."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bench.contenders import FormerProgram
from bench.measures import Measures, Took
from bench.report import MeasuresOfContenders, OneOf, processor_of, ratio, seconds_of, values

FLOOR = 1.0
"""`up`, and `up --fast`, at most so many times as long as the bare program's in the same mode."""
FAST_UP = 0.6
"""`up --fast` of the largest number, of OpenTofu's apply."""
PREVIEW = 0.8
"""A preview with nothing to do, of OpenTofu's plan."""
FORMER = 0.1
"""`up --fast` of the largest number, of the plain `up` of an earlier commit's program."""
GROWTH = 4.2
"""From 100 to 400 sources."""
MEMORY = 250.0
"""Megabytes of the Python program with 400 sources."""
LARGE, SMALL = 400, 100


@dataclass(frozen=True, kw_only=True)
class GoalVerdict:
    """One goal, and what was measured."""

    goal: str
    limit: float
    measured: float
    processor: float | None = None
    """The same in processor time, for which there is no goal."""

    @property
    def is_met(self) -> bool:
        """Whether it is within the limit."""
        return self.measured <= self.limit

    def __str__(self) -> str:
        also = f" (in processor time {self.processor:.2f})" if self.processor is not None else ""
        return f"{self.goal}: at most {self.limit:g}, measured {self.measured:.2f}{also}: {'met' if self.is_met else 'not met'}"


def verdicts(by_scale: Mapping[int, MeasuresOfContenders], judged: str, floor: str, peer: str) -> Iterator[GoalVerdict]:
    """What can be said of the numbers of sources that were measured."""
    for scale, results in by_scale.items():
        ours, bare, peers = results[judged], results[floor], results[peer]
        of = f"{scale} more: "
        yield _compared(f"{of}up, times the {floor}'s", FLOOR, ours, bare, _up, _up)
        yield _compared(f"{of}up --fast, times the {floor}'s without checkpoints", FLOOR, ours, bare, _fast_up, _fast_up)
        yield _compared(f"{of}second preview, times {peer}'s plan", PREVIEW, ours, peers, _preview, _preview)
    if LARGE in by_scale:
        results = by_scale[LARGE]
        yield _compared(f"{LARGE} more: up --fast, times {peer}'s apply", FAST_UP, results[judged], results[peer], _fast_up, _up)
        if former := results.get(FormerProgram.name):
            yield _compared(f"{LARGE} more: up --fast, times the {FormerProgram.name}'s up", FORMER, results[judged], former, _fast_up, _up)
        memory = max(values(results[judged], lambda each: each.memory))
        yield GoalVerdict(goal=f"{LARGE} more: megabytes of the program at its peak", limit=MEMORY, measured=memory)
    if LARGE in by_scale and SMALL in by_scale:
        large, small = by_scale[LARGE][judged], by_scale[SMALL][judged]
        yield _compared(f"from {SMALL} to {LARGE}: up, times", GROWTH, large, small, _up, _up)
        yield _compared(f"from {SMALL} to {LARGE}: up --fast, times", GROWTH, large, small, _fast_up, _fast_up)


def _up(measures: Measures) -> Took:
    return measures.up


def _fast_up(measures: Measures) -> Took | None:
    return measures.fast_up


def _preview(measures: Measures) -> Took | None:
    return measures.preview


def _compared(goal: str, limit: float, these: Sequence[Measures], those: Sequence[Measures], this: OneOf, that: OneOf) -> GoalVerdict:
    clock, processor = (ratio(values(these, of(this)), values(those, of(that))).median for of in (seconds_of, processor_of))
    return GoalVerdict(goal=goal, limit=limit, measured=clock, processor=processor)
