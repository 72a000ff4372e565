"""From a Flux object, as plain data, to one row of the table. No I/O here."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from flux.object_reference import ObjectReference
from gitops.messages import redact
from gitops.status.kinds import Group, group_of, kind_order, revision_of, why_it_never_reports

Body = dict[str, Any]


class Readiness(StrEnum):
    """What can be said of an object now."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"
    """Its controller has not reported on the newest generation, or is at work on it."""
    SUSPENDED = "suspended"
    """Somebody told Flux to leave it alone: neither ready nor a fault."""
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
    stalled: bool
    """The controller has given up until the object or its source changes."""
    reconciling: bool
    """The controller is at work on it, or retries."""
    reason: str
    """The condition's reason, or one of NotReported, Outdated, Deleting, Suspended, NoStatus."""
    message: str
    revision: str
    changed: datetime | None
    """When readiness or revision last changed; the creation where neither is known."""

    @property
    def identity(self) -> ObjectReference:
        """Kind, namespace and name."""
        return ObjectReference(kind=self.kind, namespace=self.namespace, name=self.name)

    @property
    def blocks(self) -> bool:
        """Whether this object keeps a cluster from being ready."""
        return self.ready in {Readiness.NO, Readiness.UNKNOWN}


@dataclass(frozen=True)
class _Verdict:
    ready: Readiness
    reason: str
    message: str


def rows_of(bodies: list[Body]) -> list[StatusRow]:
    """One row for each object, in the order of the table, whatever order they come in."""
    rows = [row_of(body) for body in bodies]
    return sorted(rows, key=lambda row: (kind_order(row.kind), row.kind, row.namespace, row.name))


def row_of(body: Body) -> StatusRow:
    """The row of one object, as the API server gives it."""
    conditions = _conditions(body)
    verdict = _judge(body, conditions)
    metadata = body["metadata"]
    return StatusRow(
        api_version=body["apiVersion"],
        kind=body["kind"],
        namespace=metadata.get("namespace", ""),
        name=metadata["name"],
        group=group_of(body["kind"]),
        ready=verdict.ready,
        stalled=verdict.ready is Readiness.NO and _is_true(conditions.get("Stalled")),
        reconciling=verdict.ready is not Readiness.SUSPENDED and _is_true(conditions.get("Reconciling")),
        reason=verdict.reason,
        message=redact(verdict.message.strip()),
        revision=revision_of(body),
        changed=_changed(body, conditions.get("Ready")),
    )


def _judge(body: Body, conditions: dict[str, Body]) -> _Verdict:
    """The rules, the first that holds decides."""
    ready, stalled, reconciling = conditions.get("Ready"), conditions.get("Stalled"), conditions.get("Reconciling")
    if body["metadata"].get("deletionTimestamp"):
        finalizers = ", ".join(body["metadata"].get("finalizers") or []) or "none"
        return _Verdict(Readiness.NO, "Deleting", f"being deleted; it goes when its finalizers are done: {finalizers}")
    if (body.get("spec") or {}).get("suspend"):
        return _Verdict(Readiness.SUSPENDED, "Suspended", _message(ready))
    if why := why_it_never_reports(body):
        return _Verdict(Readiness.NEVER, "NoStatus", why)
    if ready is None:
        if _is_true(stalled):
            return _Verdict(Readiness.NO, _reason(stalled), _message(stalled))
        if _is_true(reconciling):
            return _Verdict(Readiness.UNKNOWN, _reason(reconciling), _message(reconciling))
        return _Verdict(Readiness.UNKNOWN, "NotReported", "no controller has reported on it yet")
    if (seen := _outdated(body, ready)) is not None:
        message = f"generation {body['metadata']['generation']} is not reported on yet; of generation {seen} it said: {_message(ready)}"
        return _Verdict(Readiness.UNKNOWN, "Outdated", message)
    if ready.get("status") == "False":
        return _Verdict(Readiness.NO, _reason(ready), _message(ready))
    if _is_true(stalled):
        return _Verdict(Readiness.NO, _reason(stalled), _message(stalled))
    if _is_true(reconciling):
        return _Verdict(Readiness.UNKNOWN, _reason(reconciling), _message(reconciling) or _message(ready))
    return _Verdict(Readiness.YES if _is_true(ready) else Readiness.UNKNOWN, _reason(ready), _message(ready))


def _outdated(body: Body, ready: Body) -> int | None:
    """The generation that the report is about, if it is not the newest.

    Flux moves `status.observedGeneration` only when it has come to an end with an object, so a failure is
    dated by its own condition, and a success has to be confirmed by both.
    """
    generation = body["metadata"].get("generation")
    by_condition = ready.get("observedGeneration")
    by_status = (body.get("status") or {}).get("observedGeneration")
    relevant = (by_condition, by_status) if _is_true(ready) or by_condition is None else (by_condition,)
    for seen in relevant:
        if generation is not None and seen is not None and seen != generation:
            return int(seen)
    return None


def _changed(body: Body, ready: Body | None) -> datetime | None:
    status = body.get("status") or {}
    latest = (status.get("history") or [{}])[0]
    reported = [
        (ready or {}).get("lastTransitionTime"),
        (status.get("artifact") or {}).get("lastUpdateTime"),
        latest.get("lastDeployed"),
        latest.get("firstReconciled"),
    ]
    known = [datetime.fromisoformat(time) for time in reported if time]
    if known:
        return max(known)
    created = body["metadata"].get("creationTimestamp")
    return datetime.fromisoformat(created) if created else None


def _conditions(body: Body) -> dict[str, Body]:
    return {condition["type"]: condition for condition in (body.get("status") or {}).get("conditions") or []}


def _is_true(condition: Body | None) -> bool:
    return condition is not None and condition.get("status") == "True"


def _reason(condition: Body | None) -> str:
    return str((condition or {}).get("reason") or "")


def _message(condition: Body | None) -> str:
    return str((condition or {}).get("message") or "")
