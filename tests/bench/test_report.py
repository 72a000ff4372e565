"""Ratios are of rounds, and the verdict is about them."""

import io

import pytest
from rich.console import Console

from bench.contenders import Times
from bench.report import print_report, ratio


def times(*ups: float, preview: float | None = 2.0) -> list[Times]:
    return [Times(up=up, preview=preview) for up in ups]


def printed(ours: list[Times], floor: list[Times]) -> tuple[bool, str]:
    console = Console(file=io.StringIO(), width=100)
    results = {"this program": ours, "bare program": floor, "kubectl": times(*[1.0] * len(ours), preview=None)}
    met = print_report(results, 50, console)
    assert isinstance(console.file, io.StringIO)
    return met, console.file.getvalue()


def test_a_ratio_is_taken_within_each_round() -> None:
    # The machine was ten times slower in the second round, for both.
    assert ratio([11.0, 110.0, 12.0], [10.0, 100.0, 10.0]).median == pytest.approx(1.1)


def test_a_ratio_shows_its_extremes() -> None:
    found = ratio([1.0, 4.0, 3.0], [1.0, 1.0, 1.0])

    assert (found.least, found.median, found.most) == (1.0, 3.0, 4.0)


def test_contenders_with_another_number_of_rounds_are_not_compared() -> None:
    with pytest.raises(ValueError, match="zip"):
        ratio([1.0, 2.0], [1.0])


@pytest.mark.parametrize(("seconds", "verdict"), [(11.5, "It takes 1.15: met"), (11.6, "It takes 1.16: not met")])
def test_the_goal_is_met_up_to_its_limit(seconds: float, verdict: str) -> None:
    met, text = printed(times(seconds), times(10.0))

    assert met == (seconds <= 11.5)
    assert verdict in text


def test_a_contender_without_preview_has_no_row_in_its_table() -> None:
    _, text = printed(times(2.0), times(1.0))
    up, preview = text.split("preview with nothing to do")

    assert "kubectl" in up
    assert "kubectl" not in preview
    assert "1.00 (1.00 to 1.00)" in preview
