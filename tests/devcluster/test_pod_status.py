"""What the pods of a controller say is what a kubelet would say: whether it is ready, why not, and how often it was started again."""

import copy
import os
import signal

import pytest

from tests.devcluster.watched_supervisor import CONDITIONS, CRASHING, NAME, PROGRAM, Watched, deployment, pod


@pytest.mark.thorough
def test_a_controller_that_crashes_at_every_start_is_not_ready_and_its_restarts_are_counted(supervisor: Watched) -> None:
    supervisor.replace_program(CRASHING)
    supervisor.cluster.apply(deployment())
    supervisor.until(lambda: bool(supervisor.container["restartCount"] >= 3))

    assert not supervisor.container["ready"]
    assert supervisor.container["state"]["waiting"] == {
        "reason": "CrashLoopBackOff",
        "message": f"back-off restarting failed container manager, exit code 2; its log is {supervisor.home.logs / f'{NAME}.log'}",
    }
    assert supervisor.container["lastState"]["terminated"]["exitCode"] == 2
    assert supervisor.readiness == {"PodScheduled", "Initialized"}


@pytest.mark.thorough
def test_between_two_crashes_it_is_not_called_ready(supervisor: Watched) -> None:
    supervisor.replace_program("#!/bin/sh\nsleep 0.3\nexit 1\n")
    supervisor.cluster.apply(deployment())
    supervisor.until(lambda: not supervisor.container["ready"])
    seen: set[bool] = set()

    def settled() -> bool:
        seen.add(supervisor.container["ready"])
        return bool(supervisor.container["restartCount"] >= 3)

    supervisor.until(settled)
    assert seen == {False}


@pytest.mark.thorough
def test_a_controller_that_runs_again_is_ready_again_and_its_restarts_stay(supervisor: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("devcluster.controllers.supervised_process.SETTLED_SECONDS", 0.2)
    supervisor.cluster.apply(deployment())
    os.kill(supervisor.started().pid, signal.SIGKILL)
    supervisor.until(lambda: not supervisor.container["ready"])
    assert supervisor.container["lastState"]["terminated"]["exitCode"] == 137, "as a container ends that was killed"
    supervisor.until(lambda: bool(supervisor.container["ready"]))

    assert supervisor.container["restartCount"] == 1
    assert "running" in supervisor.container["state"]
    assert supervisor.readiness == set(CONDITIONS)


@pytest.mark.thorough
def test_another_pod_template_makes_it_ready_again(supervisor: Watched) -> None:
    supervisor.replace_program(CRASHING)
    supervisor.cluster.apply(deployment())
    supervisor.until(lambda: not supervisor.container["ready"])
    supervisor.replace_program(PROGRAM)
    supervisor.cluster.apply(deployment(containers=[{"name": "manager", "args": ["--log-level=debug"], "image": "flux:1"}]))
    supervisor.until(lambda: bool(supervisor.container["ready"]))

    assert supervisor.readiness == set(CONDITIONS)


@pytest.mark.thorough
def test_the_pods_of_a_controller_that_runs_are_left_as_they_are(supervisor: Watched) -> None:
    supervisor.cluster.apply(deployment())
    supervisor.started()
    for _ in range(20):
        supervisor._step()

    assert supervisor.cluster.written == 0


@pytest.mark.thorough
def test_a_pod_on_its_way_out_and_one_that_the_node_has_not_started_are_left_alone(supervisor: Watched) -> None:
    gone, waiting = pod("gone", deletionTimestamp="2026-11-27T08:00:00Z"), pod("waiting")
    waiting["status"] = {"phase": "Pending"}
    supervisor.cluster.pods |= {"gone": gone, "waiting": waiting}
    before = copy.deepcopy((gone, waiting))
    supervisor.replace_program(CRASHING)
    supervisor.cluster.apply(deployment())
    supervisor.until(lambda: not supervisor.container["ready"])

    assert (gone, waiting) == before


@pytest.mark.thorough
def test_a_pod_that_comes_while_the_controller_crashes_is_told_too(supervisor: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("devcluster.controllers.pod_status.AGAIN_SECONDS", 0.1)
    monkeypatch.setattr("devcluster.controllers.supervised_process.LONGEST_PAUSE", 600.0)
    supervisor.replace_program(CRASHING)
    supervisor.cluster.apply(deployment())
    supervisor.until(lambda: not supervisor.container["ready"])
    supervisor.cluster.pods["newer"] = pod("newer")
    supervisor.until(lambda: not supervisor.cluster.pods["newer"]["status"]["containerStatuses"][0]["ready"])


@pytest.mark.thorough
def test_a_pod_that_cannot_be_started_is_not_ready_and_says_why(supervisor: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("devcluster.controllers.supervised_process.TROUBLE_SECONDS", 0.2)
    supervisor.cluster.apply(deployment(serviceAccountName="less-than-admin"))
    supervisor.until(lambda: not supervisor.container["ready"])

    waiting = supervisor.container["state"]["waiting"]
    assert waiting["reason"] == "CreateContainerConfigError"
    assert "less-than-admin" in waiting["message"]


@pytest.mark.thorough
def test_a_pod_that_no_process_can_stand_for_is_not_ready(supervisor: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("devcluster.controllers.supervisor.TROUBLE_SECONDS", 0.2)
    supervisor.cluster.apply(deployment(containers=[{"name": "manager", "command": ["/bin/other"]}]))
    supervisor.until(lambda: not supervisor.container["ready"])

    assert "/bin/other" in supervisor.container["state"]["waiting"]["message"]


@pytest.mark.thorough
def test_a_status_that_cannot_be_written_is_said_once_and_tried_again(supervisor: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("devcluster.controllers.pod_status.AGAIN_SECONDS", 0.1)
    monkeypatch.setattr(supervisor.cluster, "merge", lambda *_: (_ for _ in ()).throw(ValueError("409 Conflict")))
    supervisor.replace_program(CRASHING)
    supervisor.cluster.apply(deployment())
    supervisor.until(lambda: sum("ended with 2" in line for line in supervisor.said) >= 3)
    assert sum("could not be written: 409 Conflict" in line for line in supervisor.said) == 1
    monkeypatch.undo()
    supervisor.until(lambda: not supervisor.container["ready"])
