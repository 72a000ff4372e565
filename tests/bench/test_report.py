"""Ratios are of rounds, and the verdicts are about them."""

import io
from dataclasses import replace

import pytest
from rich.console import Console

from bench.goals import verdicts
from bench.measures import Measures, Took
from bench.report import print_report, ratio


def took(seconds: float, processor: float = 1.0) -> Took:
    return Took(seconds=seconds, processor=processor)


PLAIN = Measures(up=took(2.0), fast_up=took(1.0), first_preview=took(1.0), preview=took(1.0), state=1.0, memory=100.0, memory_of_all=300.0)
NAMES = ("this program", "bare program", "OpenTofu")


def test_a_ratio_is_taken_within_each_round() -> None:
    # The machine was ten times slower in the second round, for both.
    assert ratio([11.0, 110.0, 12.0], [10.0, 100.0, 10.0]).median == pytest.approx(1.1)


def test_a_ratio_shows_its_extremes() -> None:
    found = ratio([1.0, 4.0, 3.0], [1.0, 1.0, 1.0])

    assert (found.least, found.median, found.most) == (1.0, 3.0, 4.0)


def test_contenders_with_another_number_of_rounds_are_not_compared() -> None:
    with pytest.raises(ValueError, match="zip"):
        ratio([1.0, 2.0], [1.0])


def test_who_has_no_fast_mode_is_compared_with_the_one_mode_that_it_has() -> None:
    console = Console(file=io.StringIO(), width=140)
    opentofu = Measures(up=took(4.0, 2.0), first_preview=took(2.0), preview=took(2.0), state=0.5, memory_of_all=100.0)
    print_report(
        {"this program": [PLAIN], "kubectl": [Measures(up=took(2.0), memory_of_all=50.0)], "OpenTofu": [opentofu]}, 10, 50, console
    )
    assert isinstance(console.file, io.StringIO)
    printed = [[each.strip() for each in line.split("│")[1:-1]] for line in console.file.getvalue().splitlines()]
    clock, processor = ({cells[0]: cells[1:] for cells in printed if len(cells) == columns} for columns in (8, 5))

    assert "10 sources and 10 Kustomizations beside the dev stack's: 50 objects, 1 round" in console.file.getvalue()
    assert clock["this program"] == ["1.0 s", "2.0 s", "1.0 s", "1.0 s", "1.00 MB", "100 MB", "300 MB"]
    assert clock["times kubectl"] == ["", "1.00", "0.50", "", "", "", "6.00"]
    assert clock["times OpenTofu"] == ["0.50", "0.50", "0.25", "0.50", "2.00", "", "3.00"]
    assert processor["times OpenTofu"] == ["1.00", "0.50", "0.50", "1.00"]


def test_a_goal_is_met_up_to_its_limit_and_told_for_each_number_of_sources() -> None:
    slower = replace(PLAIN, up=took(2.1), memory=251.0, preview=took(0.8))
    small = {"this program": [PLAIN], "bare program": [PLAIN], "OpenTofu": [PLAIN]}
    found = {each.goal: each for each in verdicts({100: small, 400: {**small, "this program": [slower]}}, *NAMES)}

    assert {goal: each.is_met for goal, each in found.items()} == {
        "100 more: up, times the bare program's": True,
        "100 more: up --fast, times the bare program's without checkpoints": True,
        "100 more: second preview, times OpenTofu's plan": False,
        "400 more: up, times the bare program's": False,
        "400 more: up --fast, times the bare program's without checkpoints": True,
        "400 more: second preview, times OpenTofu's plan": True,
        "400 more: up --fast, times OpenTofu's apply": True,
        "400 more: megabytes of the program at its peak": False,
        "from 100 to 400: up, times": True,
        "from 100 to 400: up --fast, times": True,
    }
    assert str(found["400 more: up, times the bare program's"]).endswith("at most 1, measured 1.05 (in processor time 1.00): not met")


def test_the_mode_that_writes_the_state_once_is_compared_with_what_the_program_was() -> None:
    results = {**{name: [PLAIN] for name in NAMES}, "former program": [Measures(up=took(9.0))]}
    found = {each.goal: each for each in verdicts({400: results}, *NAMES)}

    assert str(found["400 more: up --fast, times the former program's up"]).startswith(
        "400 more: up --fast, times the former program's up: at most 0.1, measured 0.11"
    )


def test_growth_is_told_only_where_both_numbers_were_measured() -> None:
    results = {name: [PLAIN] for name in NAMES}

    assert not [each for each in verdicts({0: results, 100: results}, *NAMES) if each.goal.startswith("from")]
