"""What the API server says of objects while a test does something: every change, in order."""

import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from devcluster.embedded_cluster import Devcluster

LONGEST_SECONDS = 1800
DRAIN_SECONDS = 1.0

Event = dict[str, Any]


@contextmanager
def events_of(cluster: Devcluster, path: str) -> Iterator[list[Event]]:
    """The events on the list at `path`, from now on; the list grows until the end of the block."""
    seen: list[Event] = []
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
        except (httpx.HTTPError, OSError) as error:
            if not ended.is_set():
                seen.append(_cut_off(repr(error)))
        else:
            if not ended.is_set():
                seen.append(_cut_off("the server ended it"))

    threading.Thread(target=follow, daemon=True).start()
    try:
        yield seen
        time.sleep(DRAIN_SECONDS)
    finally:
        ended.set()


def _cut_off(why: str) -> Event:
    return {"type": "ERROR", "object": {"kind": "Status", "metadata": {"name": "watch"}, "message": f"the watch was cut off: {why}"}}


def about(events: Iterable[Event], name: str) -> list[Event]:
    """The events of one object."""
    return [event for event in events if event["object"]["metadata"]["name"] == name]


def failures(events: Iterable[Event]) -> list[str]:
    """Each moment in which an object said Ready=False, with reason and message; and each end of a watch that nobody asked for."""
    found = []
    for event in events:
        body = event["object"]
        if event["type"] == "ERROR":
            found.append(f"watch: {body.get('message')}")
        for condition in (body.get("status") or {}).get("conditions") or [] if event["type"] != "ERROR" else []:
            if condition["type"] == "Ready" and condition["status"] == "False":
                found.append(f"{body['metadata']['name']}: {condition['reason']}: {condition['message']}")
    return list(dict.fromkeys(found))
