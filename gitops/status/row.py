"""One row of the table."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from flux.object_reference import ObjectReference
from gitops.status.groups import Group, place_in_table

MALFORMED_REASON = "Malformed"
"""The reason of an object whose spec or status does not fit its kind: `live.client.api_answers` leaves those out."""


class Readiness(StrEnum):
    """What can be said of an object now."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"
    """Its controller has not reported on the newest generation, or is at work on it."""
    SUSPENDED = "suspended"
    """`spec.suspend` is set: neither ready nor an error."""
    NEVER = "none"
    """An object without a status: there is nothing to wait for."""


@dataclass(frozen=True, kw_only=True)
class StatusRow:
    """What `gitops status` says of one object. Texts are whole here; the table shortens them."""

    api_version: str
    kind: str
    namespace: str
    name: str
    group: Group
    ready: Readiness
    stalled: bool = False
    """The controller has given up until the object or its source changes."""
    reconciling: bool = False
    """The controller is at work on it, or retries."""
    reason: str
    """The condition's reason, or a word of this program: docs/status.md lists them."""
    message: str
    revision: str = ""
    changed: datetime | None = None
    """When readiness or revision last changed; the creation where neither is known."""
    last_reconciled: datetime | None = None
    """The newest sign of a reconciliation that the object shows; of a controller, that any of its objects shows."""
    restarts: int | None = None
    """Of a controller: how often its containers were started again; None where its pods cannot be read."""

    @property
    def reference(self) -> ObjectReference:
        """Kind, namespace and name."""
        return ObjectReference(kind=self.kind, namespace=self.namespace, name=self.name)

    @property
    def is_controller(self) -> bool:
        """Whether this is one of Flux's programs, not one of its objects."""
        return self.group is Group.CONTROLLERS

    @property
    def blocks(self) -> bool:
        """Whether this object keeps a cluster from being ready."""
        return self.ready in {Readiness.NO, Readiness.UNKNOWN}


def in_order(rows: Iterable[StatusRow]) -> list[StatusRow]:
    """The rows in the order of the table."""
    return sorted(rows, key=lambda row: (place_in_table(row.api_version, row.kind), row.kind, row.namespace, row.name))
