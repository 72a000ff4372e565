"""What the API server says of objects while a test does something: every change, in order."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from devcluster.cluster import Devcluster

LONGEST_SECONDS = 1800
DRAIN_SECONDS = 1.0


@contextmanager
def events_of(cluster: Devcluster, path: str) -> Iterator[list[dict[str, Any]]]:
    """The events on the list at `path`, from now on; the list grows until the end of the block."""
    seen: list[dict[str, Any]] = []
    ended = threading.Event()
    with cluster.kube as kube:
        listed = kube.get(path)
    assert listed is not None, f"{path} is nothing that could be watched"

    def follow() -> None:
        try:
            with cluster.kube as kube:
                for event in kube.watch(path, listed["metadata"]["resourceVersion"], LONGEST_SECONDS):
                    if ended.is_set():
                        return
                    seen.append(event)
        except (httpx.HTTPError, OSError):
            if not ended.is_set():
                seen.append({"type": "ERROR", "object": {"message": "the watch was cut off"}})

    threading.Thread(target=follow, daemon=True).start()
    try:
        yield seen
        time.sleep(DRAIN_SECONDS)
    finally:
        ended.set()
