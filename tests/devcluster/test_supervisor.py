"""The supervisor follows live Deployments as their pods would: with real, tiny processes, and an API server that is a dictionary."""

import copy
import os
import signal
from typing import Any

import pytest

from tests.devcluster.watched_supervisor import NAME, Watched, deployment

pytestmark = pytest.mark.thorough


def test_a_deployment_gets_a_process_with_its_arguments_and_a_token_of_its_account(supervisor: Watched) -> None:
    supervisor.cluster.apply(deployment())
    supervisor.started()
    assert supervisor.own("token-at-start") == f"token of {NAME}"
    wanted = supervisor._wanted[NAME]
    assert wanted is not None
    assert "--log-level=info" in wanted.command


@pytest.mark.parametrize(
    "changed",
    [
        deployment(containers=[{"name": "manager", "args": ["--log-level=debug"], "image": "flux:1"}]),
        deployment(containers=[{"name": "manager", "args": ["--log-level=info"], "image": "flux:2"}]),
        deployment(terminationGracePeriodSeconds=1),
    ],
    ids=["arguments", "image", "grace"],
)
def test_another_pod_template_means_another_process(changed: dict[str, Any], supervisor: Watched) -> None:
    supervisor.cluster.apply(deployment())
    before = supervisor.started()
    supervisor.cluster.apply(changed)
    supervisor.restarted(before)


def test_kubectl_rollout_restart_restarts(supervisor: Watched) -> None:
    supervisor.cluster.apply(deployment())
    before = supervisor.started()
    stamped = deployment()
    stamped["spec"]["template"]["metadata"] = {"annotations": {"kubectl.kubernetes.io/restartedAt": "2026-11-23T13:00:00Z"}}
    supervisor.cluster.apply(stamped)
    supervisor.restarted(before)


def test_the_process_of_another_account_has_that_accounts_token_and_nothing_of_the_old_one(supervisor: Watched) -> None:
    supervisor.cluster.apply(deployment())
    before = supervisor.started()
    supervisor.cluster.apply(deployment(serviceAccountName="less-than-admin"))
    supervisor.until(lambda: not before.alive and any("cannot start yet" in line for line in supervisor.said))
    assert supervisor.identity is None, "its account is not there yet, so no pod could run either"
    supervisor.cluster.accounts.add("less-than-admin")
    supervisor.restarted(before)
    supervisor.until(lambda: supervisor.own("token-at-start") == "token of less-than-admin")
    supervisor.until(lambda: "name: less-than-admin" in supervisor.own("kubeconfig-at-start"))


def test_what_is_not_of_the_pod_template_restarts_nothing(supervisor: Watched) -> None:
    supervisor.cluster.apply(deployment())
    before = supervisor.started()
    told = deployment()
    told["status"] = {"availableReplicas": 1, "conditions": [{"type": "Available", "status": "True"}]}
    labelled = copy.deepcopy(told)
    labelled["metadata"] |= {"generation": 2, "resourceVersion": "7", "labels": {"team": "platform"}}
    more = copy.deepcopy(labelled)
    more["spec"] |= {"replicas": 2, "revisionHistoryLimit": 3}
    for body in (told, labelled, more):
        supervisor.follow(body)
    assert supervisor.identity == before
    assert not any("changed" in line for line in supervisor.said)


def test_a_deployment_scaled_to_zero_has_no_process_until_it_is_scaled_up(supervisor: Watched) -> None:
    supervisor.cluster.apply(deployment())
    before = supervisor.started()
    none = deployment()
    none["spec"]["replicas"] = 0
    supervisor.cluster.apply(none)
    supervisor.until(lambda: not before.alive and supervisor.identity is None)
    supervisor.cluster.apply(deployment())
    supervisor.restarted(before)


def test_a_deleted_deployment_has_no_process(supervisor: Watched) -> None:
    supervisor.cluster.apply(deployment())
    before = supervisor.started()
    supervisor.cluster.delete()
    supervisor.until(lambda: not before.alive and not (supervisor.home.processes / f"{NAME}.json").exists())


def test_a_process_that_died_is_started_again(supervisor: Watched) -> None:
    supervisor.cluster.apply(deployment())
    before = supervisor.started()
    os.kill(before.pid, signal.SIGKILL)
    supervisor.restarted(before)


def test_a_pod_that_no_process_can_stand_for_is_not_run_and_the_log_says_why(supervisor: Watched) -> None:
    supervisor.cluster.apply(deployment())
    before = supervisor.started()
    supervisor.cluster.apply(deployment(containers=[{"name": "manager", "command": ["/bin/other"]}]))
    supervisor.until(lambda: not before.alive and supervisor.identity is None)
    assert sum("/bin/other" in line for line in supervisor.said) == 1


def test_a_record_of_ports_that_cannot_be_read_is_waited_for(supervisor: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("devcluster.controllers.supervisor.AGAIN_SECONDS", 0.1)
    record = supervisor.home.directory / "cluster.json"
    whole = record.read_text()
    record.write_text("{half")
    supervisor.cluster.apply(deployment())
    supervisor.until(lambda: "cannot be read" in " ".join(" ".join(supervisor.said).split()))
    record.write_text(whole)
    supervisor.started()
