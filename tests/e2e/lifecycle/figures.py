"""The figures of a scenario: objects lost, uids changed, seconds to converged, events seen.

Converged: everything that the stack makes is there, and everything that Flux applies is ready. The seconds begin with what is to mend it.

Events seen are Kubernetes Events of every namespace that came, or were counted once more, between the first look and the last: what the
controllers of Flux, the scheduler and the others did in the meantime, in their own words. It is a lower bound: an Event goes with its
namespace, and a client sends at most 25 in a row for one object. Reconciliations are not counted: one that finds nothing to do is told
nowhere but in the controller's log.
"""

import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from devcluster.embedded_cluster import Devcluster

ANY_UID = ""
"""Of an object that has to be there at the end, and may be made anew."""


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What a scenario cost."""

    lost: list[str]
    """Objects that were there, and are not."""
    changed: list[str]
    """Objects that are there with another uid."""
    seconds: float
    events: int
    warnings: int
    """Those of the events that are of type Warning."""

    def __str__(self) -> str:
        """As every scenario prints it."""
        found = f"{len(self.lost)} objects lost, {len(self.changed)} uids changed, {self.seconds:.1f} s to converged"
        return f"{found}, {self.events} events seen ({self.warnings} warnings)"

    def show(self, scenario: str) -> "Figures":
        """Print them behind the name of the scenario, with `pytest -s`."""
        sys.stdout.write(f"\n{scenario}: {self}\n")
        return self


class Meantime:
    """From before a scenario until it has converged."""

    def __init__(self, cluster: Devcluster, objects: Mapping[str, str]) -> None:
        """Look before it. `objects`: what must not be lost → its uid, or `ANY_UID`."""
        self.cluster = cluster
        self.objects = dict(objects)
        self._events = _by_uid(_events(cluster))
        self.started = time.monotonic()

    def converging(self) -> None:
        """Count the seconds from now on: what is to mend it begins."""
        self.started = time.monotonic()

    def figures(self, objects: Mapping[str, str]) -> Figures:
        """Look after it. `objects`: what is there now → its uid; more than was there before does no harm."""
        seconds = time.monotonic() - self.started
        events = _events(self.cluster)
        return Figures(
            lost=sorted(path for path in self.objects if path not in objects),
            changed=sorted(path for path, uid in self.objects.items() if uid != ANY_UID and objects.get(path, uid) != uid),
            seconds=seconds,
            events=_since(self._events, events),
            warnings=_since(self._events, [event for event in events if event.get("type") == "Warning"]),
        )


def _events(cluster: Devcluster) -> list[dict[str, Any]]:
    with cluster.kube as kube:
        found = kube.get("/api/v1/events")
    items: list[dict[str, Any]] = (found or {}).get("items", [])
    return items


def _by_uid(events: Iterable[dict[str, Any]]) -> dict[str, int]:
    """How often each was seen: one that repeats is counted up in place. Without a count, it was seen once."""
    return {event["metadata"]["uid"]: event.get("count") or 1 for event in events}


def _since(before: Mapping[str, int], events: Iterable[dict[str, Any]]) -> int:
    return sum(max(0, count - before.get(uid, 0)) for uid, count in _by_uid(events).items())
