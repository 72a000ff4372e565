"""The supervisor follows live Deployments as their pods would: with real, tiny processes, and an API server that is a dictionary."""

import copy
import os
import queue
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pytest

from devcluster.control_plane.kube_client import Credentials
from devcluster.controllers.live_deployments import PATH
from devcluster.controllers.pod_command import CONTROLLERS
from devcluster.controllers.supervisor import Supervisor
from devcluster.machine.home import Home
from devcluster.machine.processes import StartedProcess
from devcluster.toolchain.build_tools import entry
from devcluster.toolchain.tool import load_tool

NAME = "helm-controller"
TOKEN_PATH = "/api/v1/namespaces/flux-system/serviceaccounts/{}/token"
PROGRAM = '#!/bin/sh\ncp "$HOME/token" "$HOME/token-at-start"\ncp "$HOME/kubeconfig" "$HOME/kubeconfig-at-start"\nexec sleep 600\n'
BOUND_SECONDS = 30.0


def deployment(**pod: Any) -> dict[str, Any]:
    spec = {"serviceAccountName": NAME, "containers": [{"name": "manager", "args": ["--log-level=info"], "image": "flux:1"}], **pod}
    return {"metadata": {"name": NAME, "generation": 1}, "spec": {"replicas": 1, "template": {"spec": spec}}, "status": {}}


class FakeCluster:
    """The Deployments of flux-system and the ServiceAccounts that may have a token; a Kube as the supervisor uses it."""

    credentials = Credentials(server="https://127.0.0.1:1", authority=b"", certificate=b"", key=b"")

    def __init__(self) -> None:
        self.accounts = {NAME}
        self.deployments: dict[str, dict[str, Any]] = {}
        self._events: queue.Queue[dict[str, Any]] = queue.Queue()

    def apply(self, body: dict[str, Any]) -> None:
        self.deployments[body["metadata"]["name"]] = body
        self._events.put({"type": "MODIFIED", "object": copy.deepcopy(body)})

    def delete(self) -> None:
        self._events.put({"type": "DELETED", "object": self.deployments.pop(NAME)})

    def end_watches(self) -> None:
        self._events.put({"type": "ERROR", "object": {}})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None) -> None:
        return None

    def get(self, path: str) -> dict[str, Any]:
        assert path == PATH
        return {"metadata": {"resourceVersion": "1"}, "items": copy.deepcopy([*self.deployments.values()])}

    def watch(self, *_: object) -> Iterator[dict[str, Any]]:
        while True:
            yield self._events.get()

    def post(self, path: str, _body: dict[str, Any]) -> dict[str, Any]:
        for account in self.accounts:
            if path == TOKEN_PATH.format(account):
                return {"status": {"token": f"token of {account}"}}
        raise LookupError(f"there is no {path}")


class Watched(Supervisor):
    """A supervisor of a FakeCluster, taken step by step, without Gitea."""

    def __init__(self, home: Home, cluster: FakeCluster) -> None:
        self.cluster = cluster
        self.said: list[str] = []
        super().__init__(home)
        self._wanted.clear()  # Gitea and the forwarder are not what is tried here
        self._deployments.start()

    @property
    def identity(self) -> StartedProcess | None:
        """Of the controller's process; None when none runs."""
        found = StartedProcess.read(self.home.processes / f"{NAME}.json")
        return found if found and found.alive else None

    def until(self, goal: Callable[[], bool]) -> None:
        deadline = time.monotonic() + BOUND_SECONDS
        while not goal():
            assert time.monotonic() < deadline, self.said
            self._step()
            time.sleep(0.01)

    def started(self) -> StartedProcess:
        """The controller's process, once it has read its token."""
        self.until(lambda: self.identity is not None and self.own("token-at-start") != "")
        assert self.identity is not None
        return self.identity

    def restarted(self, before: StartedProcess) -> StartedProcess:
        self.until(lambda: self.identity not in (before, None))
        assert not before.alive, "two controllers would work at once"
        assert self.identity is not None
        return self.identity

    def follow(self, body: dict[str, Any]) -> None:
        """Apply `body`, and take steps until it was acted on."""
        self.cluster.apply(body)
        self.until(lambda: self._seen is not None and self._seen.get(NAME) == body)

    def own(self, file: str) -> str:
        path = self.home.directory / "controllers" / NAME / file
        return path.read_text() if path.exists() else ""

    def close(self) -> None:
        self._deployments.stop()
        self.cluster.end_watches()
        self._end_children()

    def _kube(self) -> Any:
        return self.cluster

    def _say(self, text: str) -> None:
        self.said.append(text)


@pytest.fixture
def supervisor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watched]:
    monkeypatch.setenv("GITOPS_CACHE", str(tmp_path / "cache"))
    for name in CONTROLLERS:
        program = entry(load_tool(name)) / "bin" / name
        program.parent.mkdir(parents=True)
        program.write_text(PROGRAM)
        program.chmod(0o755)
    home = Home(directory=tmp_path / "home", name="unit")
    home.make()
    home.choose_ports()
    made = Watched(home, FakeCluster())
    yield made
    made.close()


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
    supervisor.until(lambda: any("cannot be read" in line for line in supervisor.said))
    record.write_text(whole)
    supervisor.started()
