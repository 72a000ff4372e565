import io
from typing import Any

import pytest

from flux.message import Message
from gitops.status.row import StatusRow
from gitops.status.status_progress import StatusProgress, describe
from gitops.status.waiting import all_ready, wait_until_ready
from live.errors import LiveError, UnreachableError
from tests.gitops.flux_objects import condition, flux_object, objects_only, ready

PENDING = [flux_object("Kustomization", "apps")]
DONE = [flux_object("Kustomization", "apps", ready())]
MORE = [*DONE, flux_object("HelmRepository", "charts", ready())]


class Readings:
    """Gives one reading after the other, and the last one for ever."""

    def __init__(self, *readings: list[dict[str, Any]] | Exception) -> None:
        self.left = list(readings)
        self.count = 0

    def __call__(self) -> list[StatusRow]:
        self.count += 1
        reading = self.left.pop(0) if len(self.left) > 1 else self.left[0]
        if isinstance(reading, Exception):
            raise reading
        return objects_only(reading)


class Clock:
    """Time that passes only while something sleeps: how busy the machine is makes no difference."""

    now = 0.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gitops.status.waiting.time", Clock())


def wait(readings: Readings, timeout: float = 30) -> tuple[list[StatusRow], list[list[str]]]:
    seen: list[list[str]] = []
    rows = wait_until_ready(readings, timeout, lambda rows: seen.append([row.ready.value for row in rows]))
    return rows, seen


def test_a_wait_ends_when_everything_is_ready_and_tells_each_change_once() -> None:
    rows, seen = wait(Readings(PENDING, PENDING, PENDING, DONE))
    assert all_ready(rows)
    assert seen == [["unknown"], ["yes"]]


def test_ready_is_believed_when_a_second_reading_has_the_same_objects() -> None:
    readings = Readings(DONE, MORE, MORE)
    rows, _ = wait(readings)
    assert len(rows) == 2, "a source that appeared after sources were read must be seen"
    assert readings.count == 3


def test_a_wait_gives_up_with_the_last_reading() -> None:
    rows, seen = wait(Readings(PENDING), timeout=2.5)
    assert not all_ready(rows)
    assert [row.name for row in rows] == ["apps"]
    assert seen == [["unknown"]]


def test_no_objects_at_all_are_not_a_ready_cluster() -> None:
    assert not all_ready([])
    assert wait(Readings([]), timeout=2.5) == ([], [[]])


def test_an_api_server_that_is_away_for_a_while_does_not_end_a_wait() -> None:
    rows, _ = wait(Readings(PENDING, UnreachableError("server", Message("away")), UnreachableError("server", Message("away")), DONE))
    assert all_ready(rows)


def test_an_api_server_that_stays_away_does() -> None:
    with pytest.raises(UnreachableError):
        wait(Readings(PENDING, UnreachableError("server", Message("away"))), timeout=2.5)


@pytest.mark.parametrize("error", [UnreachableError("server", Message("never there")), LiveError("server", Message("no Flux"))])
def test_a_cluster_that_never_answered_is_a_mistake_to_be_told_at_once(error: LiveError) -> None:
    with pytest.raises(LiveError):
        wait(Readings(error, DONE))


def test_a_refusal_ends_a_wait() -> None:
    with pytest.raises(LiveError, match="forbidden"):
        wait(Readings(PENDING, LiveError("server", Message("forbidden")), DONE))


def test_progress_names_a_cause_before_those_that_wait_for_it() -> None:
    rows = objects_only(
        [
            flux_object("GitRepository", "homelab-k8s2", ready()),
            flux_object("Kustomization", "a-apps", condition("Ready", "False", "DependencyNotReady", "waits for vars")),
            flux_object("Kustomization", "vars", condition("Ready", "False", "BuildFailed", "no such path")),
        ]
    )
    assert describe(rows) == "1 of 3 ready; waiting for Kustomization/flux-system/vars (no such path) and 1 more"
    assert describe(objects_only(DONE)) == "1 of 1 ready"
    assert describe([]) == "no Flux object yet"


def test_progress_in_a_log_is_a_line_for_each_change() -> None:
    log = io.StringIO()
    progress = StatusProgress(log)
    for reading in (PENDING, PENDING, DONE):
        progress.change(objects_only(reading))
        progress.poll()
    progress.done()
    lines = log.getvalue().splitlines()
    assert [line.split(": ", 1)[1] for line in lines] == [
        "0 of 1 ready; waiting for Kustomization/flux-system/apps (no controller has reported on it yet)",
        "1 of 1 ready",
    ]


def test_a_log_repeats_what_it_waits_for_without_the_message(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gitops.wait_progress.HEARTBEAT_SECONDS", 0)
    log = io.StringIO()
    progress = StatusProgress(log)
    rows = objects_only([flux_object("Kustomization", "apps", condition("Ready", "False", "BuildFailed", "no such path"))])
    progress.change(rows)
    progress.poll()
    assert [line.split(": ", 1)[1] for line in log.getvalue().splitlines()] == [
        "0 of 1 ready; waiting for Kustomization/flux-system/apps (no such path)",
        "still 0 of 1 ready; waiting for Kustomization/flux-system/apps",
    ]


def test_progress_on_a_terminal_is_one_line_that_fits() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    screen = Terminal()
    progress = StatusProgress(screen, width=30)
    progress.change(objects_only(PENDING))
    progress.poll()
    progress.done()
    assert "\n" not in screen.getvalue()
    assert all(len(line) < 30 for line in screen.getvalue().split("\r\033[K"))
    assert screen.getvalue().endswith("\r\033[K"), "the table starts on an empty line"
