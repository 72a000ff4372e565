"""A supervised process follows what is wanted: started, restarted, ended."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from devcluster.controllers.supervised_process import SupervisedProcess, Wanted


def wanted(script: str, prepare: Callable[[], None] = lambda: None, **environment: str) -> Wanted:
    return Wanted(
        command=(sys.executable, "-c", script), environment={"PATH": os.environ["PATH"], **environment}, grace=5.0, prepare=prepare
    )


LASTING = "import time; time.sleep(60)"


class Kept(SupervisedProcess):
    """A child with a diary."""

    def __init__(self, folder: Path) -> None:
        self.said: list[str] = []
        self.folder = folder
        super().__init__("it", directory=folder, log=folder / "log", record=folder / "record.json", say=self.said.append)

    def until(self, goal: Callable[[], bool], want: Wanted | None) -> None:
        deadline = time.monotonic() + 10
        while not goal():
            assert time.monotonic() < deadline, self.said
            self.step(want)
            time.sleep(0.01)

    def count(self, text: str) -> int:
        return sum(text in line for line in self.said)


@pytest.fixture
def child(tmp_path: Path) -> Iterator[Kept]:
    kept = Kept(tmp_path)
    yield kept
    kept.ask_to_end(0.0)
    kept.until(lambda: not kept.runs, None)


@pytest.mark.thorough
def test_what_is_wanted_is_started_once(child: Kept) -> None:
    for _ in range(20):
        child.step(wanted(LASTING))
    assert child.count("started") == 1


@pytest.mark.thorough
def test_another_command_or_environment_means_a_restart(child: Kept) -> None:
    child.step(wanted(LASTING))
    child.until(lambda: child.count("started") == 2, wanted(LASTING, COLOUR="green"))
    child.until(lambda: child.count("started") == 3, wanted(LASTING + "  ", COLOUR="green"))


@pytest.mark.thorough
def test_what_nobody_wants_is_ended_and_its_record_removed(child: Kept) -> None:
    child.step(wanted(LASTING))
    assert (child.folder / "record.json").exists()
    child.until(lambda: not child.runs, None)
    assert not (child.folder / "record.json").exists()


@pytest.mark.thorough
def test_the_dead_are_started_again_but_not_in_a_frenzy(child: Kept) -> None:
    began = time.monotonic()
    child.until(lambda: child.count("started") == 3, wanted("raise SystemExit(3)"))
    assert time.monotonic() - began > 0.7, "0.25 s, then 0.5 s between starts of what dies at once"
    assert child.count("ended with 3 unasked") >= 2


@pytest.mark.thorough
def test_what_cannot_be_prepared_yet_is_tried_again_and_told_once(child: Kept) -> None:
    attempts = []

    def prepare() -> None:
        attempts.append(1)
        if len(attempts) < 3:
            raise LookupError("its ServiceAccount is not there yet")

    child.until(lambda: child.runs, wanted(LASTING, prepare))
    assert len(attempts) == 3
    assert child.count("its ServiceAccount is not there yet") == 1
