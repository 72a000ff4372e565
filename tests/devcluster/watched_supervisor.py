"""A supervisor that is taken step by step, and an API server that is a dictionary."""

import copy
import queue
import time
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any, Self

from devcluster.control_plane.kube_client import Credentials
from devcluster.controllers.live_deployments import PATH
from devcluster.controllers.pod_status import PODS
from devcluster.controllers.supervisor import Supervisor
from devcluster.machine.home import Home
from devcluster.machine.processes import StartedProcess

NAME = "helm-controller"
TOKEN_PATH = "/api/v1/namespaces/flux-system/serviceaccounts/{}/token"
PROGRAM = '#!/bin/sh\ncp "$HOME/token" "$HOME/token-at-start"\ncp "$HOME/kubeconfig" "$HOME/kubeconfig-at-start"\nexec sleep 600\n'
CRASHING = "#!/bin/sh\necho 'unknown flag: --concurent'\nexit 2\n"
CONDITIONS = ("PodScheduled", "Initialized", "Ready", "ContainersReady")
BOUND_SECONDS = 30.0


def deployment(**pod: Any) -> dict[str, Any]:
    spec = {"serviceAccountName": NAME, "containers": [{"name": "manager", "args": ["--log-level=info"], "image": "flux:1"}], **pod}
    selector = {"matchLabels": {"app": NAME}}
    return {
        "metadata": {"name": NAME, "generation": 1},
        "spec": {"replicas": 1, "selector": selector, "template": {"spec": spec}},
        "status": {},
    }


def pod(name: str, **metadata: Any) -> dict[str, Any]:
    """A pod as the simulated node leaves it."""
    started = {"running": {"startedAt": "2026-11-27T08:00:00Z"}}
    container = {"name": "manager", "image": "flux:1", "ready": True, "started": True, "restartCount": 0, "state": started}
    conditions = [{"type": kind, "status": "True", "lastTransitionTime": "2026-11-27T08:00:00Z"} for kind in CONDITIONS]
    return {
        "metadata": {"name": name, "resourceVersion": "1", **metadata},
        "status": {"phase": "Running", "podIP": "10.0.0.1", "conditions": conditions, "containerStatuses": [container]},
    }


class FakeCluster:
    """The Deployments of flux-system and the ServiceAccounts that may have a token; a Kube as the supervisor uses it."""

    credentials = Credentials(server="https://127.0.0.1:1", authority=b"", certificate=b"", key=b"")

    def __init__(self) -> None:
        self.accounts = {NAME}
        self.deployments: dict[str, dict[str, Any]] = {}
        self.pods: dict[str, dict[str, Any]] = {"new": pod("new")}
        self.written = 0
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
        if path == f"{PODS}?labelSelector=app%3D{NAME}":
            return {"items": copy.deepcopy([*self.pods.values()])}
        assert path == PATH
        return {"metadata": {"resourceVersion": "1"}, "items": copy.deepcopy([*self.deployments.values()])}

    def watch(self, *_: object) -> Iterator[dict[str, Any]]:
        while True:
            yield self._events.get()

    def merge(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        pod = self.pods[path.removeprefix(f"{PODS}/").removesuffix("/status")]
        if body["metadata"].get("resourceVersion") != pod["metadata"]["resourceVersion"]:
            raise ValueError("409 Conflict")
        self.written += 1
        pod["status"] |= body["status"]
        return pod

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

    @property
    def container(self) -> dict[str, Any]:
        """What the pod says of the controller."""
        found: dict[str, Any] = self.cluster.pods["new"]["status"]["containerStatuses"][0]
        return found

    @property
    def readiness(self) -> set[str]:
        """The conditions of the pod that hold."""
        return {each["type"] for each in self.cluster.pods["new"]["status"]["conditions"] if each["status"] == "True"}

    def replace_program(self, text: str) -> None:
        program = self._binaries[NAME]
        program.unlink()  # the old one may be running
        program.write_text(text)
        program.chmod(0o755)

    def close(self) -> None:
        self._deployments.stop()
        self.cluster.end_watches()
        self._end_children()

    def _kube(self) -> Any:
        return self.cluster

    def _say(self, text: str) -> None:
        self.said.append(text)
