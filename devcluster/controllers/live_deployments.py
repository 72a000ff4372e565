"""The live Deployments of flux-system, as of a moment ago."""

import threading
from collections.abc import Callable, Mapping
from typing import Any

import httpx

from devcluster.control_plane.kube_client import Kube
from devcluster.controllers.pod_command import NAMESPACE

PATH = f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments"
WATCH_SECONDS = 240
PAUSE = 0.3

Snapshot = Mapping[str, Mapping[str, Any]]


class Deployments:
    """Watches in a thread of its own. While the API server is away, the last snapshot stands."""

    def __init__(self, connect: Callable[[], Kube], on_change: Callable[[], None]) -> None:
        """Watch what `connect` reaches; call `on_change` after every new snapshot."""
        self.snapshot: Snapshot = {}
        self._connect, self._on_change = connect, on_change
        self._stopping = threading.Event()

    def start(self) -> None:
        """Begin to watch."""
        threading.Thread(target=self._run, daemon=True).start()

    def stop(self) -> None:
        """Watch no more."""
        self._stopping.set()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                with self._connect() as kube:
                    self._follow(kube)
            except (httpx.HTTPError, OSError, LookupError, ValueError):
                self._stopping.wait(PAUSE)

    def _follow(self, kube: Kube) -> None:
        listed = kube.get(PATH) or {}
        current = {item["metadata"]["name"]: item for item in listed["items"]}
        self._see(current)
        for event in kube.watch(PATH, listed["metadata"]["resourceVersion"], WATCH_SECONDS):
            if event["type"] in ("ADDED", "MODIFIED"):
                current[event["object"]["metadata"]["name"]] = event["object"]
            elif event["type"] == "DELETED":
                current.pop(event["object"]["metadata"]["name"], None)
            else:  # ERROR: that version is gone, so list again
                return
            self._see(current)

    def _see(self, current: Mapping[str, Mapping[str, Any]]) -> None:
        self.snapshot = dict(current)
        self._on_change()
