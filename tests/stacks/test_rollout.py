"""What plain `pulumi up` says of a controller that does not come up, while it waits for it."""

from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import patch

import pytest

from flux.message import Message
from live.access.target import Target, find_target
from live.errors import LiveError
from live.flux_objects.controller_faults import ControllerFault, PodFault
from stacks.rollout import FIRST_LOOK, Rollout, watch_rollout
from tests.gitops.api_server import write_kubeconfig

QUOTA = "FailedCreate: exceeded quota"


@pytest.fixture
def target(tmp_path: Path) -> Target:
    return find_target(write_kubeconfig(tmp_path / "config", "http://127.0.0.1:1"), None)


def fault(controller: str, *reasons: str, pods: Sequence[PodFault] = ()) -> ControllerFault:
    return ControllerFault(controller=controller, version="v2.9.4", reasons=reasons, events=(), pods=tuple(pods))


def unscheduled(number: int) -> PodFault:
    return PodFault(pod=f"source-{number}", reasons=(f"Unschedulable: 0/{number} nodes",), events=(), log=())


def told(target: Target, *looks: Sequence[ControllerFault] | LiveError, done: Sequence[str] = ()) -> list[str]:
    """What is said when that is found, look after look."""
    rollout = Rollout(target, {"helm": None, "source": None}, "v2.8.8")
    for name in done:
        rollout.done(name)
    found, seconds, said = list(looks), [], []  # type: ignore[var-annotated]

    def pause(wait: float) -> bool:
        seconds.append(wait)
        return not found

    def look(_: Target) -> Sequence[ControllerFault]:
        now = found.pop(0)
        if isinstance(now, LiveError):
            raise now
        return now

    with patch("live.flux_objects.controller_faults.controller_faults", look), patch("stacks.rollout.log.warn", said.append):
        rollout.watch(pause)
    assert seconds[0] == FIRST_LOOK
    return said


def test_what_is_still_wrong_at_a_second_look_is_said_once_with_the_way_back(target: Target) -> None:
    looks = [[fault("helm", QUOTA), fault("source", pods=[unscheduled(number)])] for number in range(4)]

    quota, node = told(target, *looks)

    assert quota.startswith(f"helm does not come up; reason: {QUOTA}. The way back to Flux v2.8.8: ")
    assert node.startswith("source does not come up; pod source-1; reason: Unschedulable: 0/1 nodes. The way back ")


def test_an_image_that_cannot_be_pulled_has_one_of_two_reasons_in_turn(target: Target) -> None:
    looks = [[fault("helm", reason)] for reason in ("ErrImagePull", "ImagePullBackOff")]

    assert told(target, *looks)[0].startswith("helm does not come up; reason: ImagePullBackOff.")


def test_what_passes_or_has_no_reason_yet_is_not_said(target: Target) -> None:
    starting = PodFault(pod="source-1", reasons=(), events=(), log=())

    assert told(target, [fault("helm", QUOTA)], [], [fault("helm", QUOTA)]) == []
    assert told(target, *[[fault("source", pods=[starting])]] * 3) == []


def test_what_is_available_by_now_or_belongs_to_nobody_here_is_not_said(target: Target) -> None:
    looks = [[fault("helm", QUOTA), fault("someone-elses", QUOTA)]] * 3

    assert told(target, *looks, done=["helm"]) == []


def test_a_cluster_that_does_not_answer_is_asked_again(target: Target) -> None:
    away = LiveError("cluster x", Message("cannot be reached", "", ""))

    assert len(told(target, [fault("helm", QUOTA)], away, [fault("helm", QUOTA)])) == 1


def test_nothing_is_looked_at_once_everything_is_available(target: Target) -> None:
    rollout = Rollout(target, {"helm": None}, None)
    rollout.done("helm")

    with patch("live.flux_objects.controller_faults.controller_faults", side_effect=AssertionError):
        rollout.watch()


class KnownId:
    """An Output that is known."""

    def apply(self, use: Callable[[str], None]) -> None:
        use("flux-system/helm")


@pytest.mark.parametrize(("preview", "watched"), [(True, 0), (False, 1)])
def test_an_up_is_watched_until_the_engine_knows_the_deployments_and_a_preview_is_not(preview: bool, watched: int, target: Target) -> None:
    started: list[Callable[[], None]] = []

    class Thread:
        def __init__(self, *, target: Callable[..., None], args: tuple[Callable[[], None]], daemon: bool) -> None:
            assert daemon, "nothing may keep the program when the engine ends it"
            self.run = lambda: target(*args)

        def start(self) -> None:
            started.append(self.run)

    cluster = SimpleNamespace(shown=target.config_file, reached=target.reached)
    made = {"helm": SimpleNamespace(id=KnownId())}

    with (
        patch("stacks.rollout.threading.Thread", Thread),
        patch("live.flux_objects.controller_faults.controller_faults", side_effect=AssertionError),
    ):
        watch_rollout(SimpleNamespace(preview=preview, cluster=cluster), made, None)  # type: ignore[arg-type]
        for run in started:
            run()

    assert len(started) == watched
