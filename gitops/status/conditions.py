"""From the conditions of a Flux object, as plain data, to its row. No I/O here."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gitops.messages import redact
from gitops.status.groups import group_of
from gitops.status.reconciled import last_reconciled, moments
from gitops.status.revision import revision_of, why_it_never_reports
from gitops.status.row import MALFORMED_REASON, Readiness, StatusRow
from live.client.api_answers import MALFORMED

Body = dict[str, Any]


@dataclass(frozen=True)
class _Verdict:
    ready: Readiness
    reason: str
    message: str


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
        group=group_of(body["apiVersion"]),
        ready=verdict.ready,
        stalled=verdict.ready is Readiness.NO and _is_true(conditions.get("Stalled")),
        reconciling=verdict.ready is not Readiness.SUSPENDED and _is_true(conditions.get("Reconciling")),
        reason=verdict.reason,
        message=redact(verdict.message.strip()),
        revision=revision_of(body),
        changed=_changed(body, conditions.get("Ready")),
        last_reconciled=last_reconciled(body),
    )


def _judge(body: Body, conditions: dict[str, Body]) -> _Verdict:
    """The rules, the first that holds decides."""
    if why := body.get(MALFORMED):
        return _Verdict(Readiness.UNKNOWN, MALFORMED_REASON, f"what the API server says of it does not fit its kind: {why}")
    ready, stalled, reconciling = conditions.get("Ready"), conditions.get("Stalled"), conditions.get("Reconciling")
    if body["metadata"].get("deletionTimestamp"):
        finalizers = ", ".join(body["metadata"].get("finalizers") or []) or "none"
        return _Verdict(Readiness.NO, "Deleting", f"being deleted; waiting for its finalizers: {finalizers}")
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
        message = f"generation {body['metadata']['generation']} has no report yet; the report on generation {seen}: {_message(ready)}"
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
    return max(moments(reported) or moments([body["metadata"].get("creationTimestamp")]), default=None)


def _conditions(body: Body) -> dict[str, Body]:
    return {condition["type"]: condition for condition in (body.get("status") or {}).get("conditions") or []}


def _is_true(condition: Body | None) -> bool:
    return condition is not None and condition.get("status") == "True"


def _reason(condition: Body | None) -> str:
    return str((condition or {}).get("reason") or "")


def _message(condition: Body | None) -> str:
    return str((condition or {}).get("message") or "")
