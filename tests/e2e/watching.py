"""The API server's own event stream, recorded: what was true in between, not only before and after."""

import threading
import time
from typing import Any

import httpx

from devcluster.cluster import Devcluster

WATCH_SECONDS = 1800
FLUSH_SECONDS = 30.0


class Watch:
    """Everything that happens to the objects of one list while it is open. Use it as a context manager."""

    def __init__(self, cluster: Devcluster, path: str) -> None:
        """Watch the list at `path`, such as `/api/v1/namespaces/flux-system/secrets`."""
        self.path = path
        self.events: list[dict[str, Any]] = []
        self._kube = cluster.kube
        self._thread = threading.Thread(target=self._record, daemon=True)

    def __enter__(self) -> "Watch":
        listed = self._kube.get(self.path)
        assert listed is not None, f"there is nothing to watch at {self.path}"
        self._version = listed["metadata"]["resourceVersion"]
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._kube.close()
        self._thread.join(timeout=FLUSH_SECONDS)

    def of(self, name: str) -> list[dict[str, Any]]:
        """The events of one object."""
        return [event for event in self.events if event["object"]["metadata"]["name"] == name]

    def flush(self, cluster: Devcluster, name: str) -> None:
        """Return once everything that happened to `name` until now is recorded: a mark of our own has come through the stream."""
        mark = f"mark-{time.monotonic_ns()}"
        with cluster.kube as kube:
            kube.merge(f"{self.path}/{name}", {"metadata": {"annotations": {"test.gitops/mark": mark}}})
        deadline = time.monotonic() + FLUSH_SECONDS
        while not any(event["object"]["metadata"].get("annotations", {}).get("test.gitops/mark") == mark for event in self.of(name)):
            assert self._thread.is_alive(), f"the watch of {self.path} ended, so what it recorded proves nothing"
            assert time.monotonic() < deadline, f"the mark on {name} did not come through the watch of {self.path}"
            time.sleep(0.05)

    def _record(self) -> None:
        try:
            for event in self._kube.watch(self.path, self._version, WATCH_SECONDS):
                self.events.append(event)
        except (httpx.HTTPError, httpx.StreamError, RuntimeError):
            return  # closed by __exit__; flush notices any other end


def readiness(event: dict[str, Any]) -> tuple[str, str, str]:
    """Status, reason and message of an object's Ready condition; empty when it has none yet."""
    for condition in event["object"].get("status", {}).get("conditions", []):
        if condition["type"] == "Ready":
            return condition["status"], condition["reason"], condition["message"]
    return "", "", ""


def not_ready(watch: Watch) -> list[str]:
    """Each moment in which an object said Ready=False."""
    found = []
    for event in watch.events:
        status, reason, message = readiness(event)
        if status == "False":
            found.append(f"{event['object']['metadata']['name']}: {reason}: {message}")
    return list(dict.fromkeys(found))
