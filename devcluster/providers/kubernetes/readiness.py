"""When an object counts as ready: by its kind, or by the conditions that `pulumi.com/waitFor` names."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from devcluster.providers.kubernetes import objects
from devcluster.providers.kubernetes.jsonpath import JsonPath
from devcluster.providers.kubernetes.served_kinds import GroupVersionKind


@dataclass(frozen=True)
class Verdict:
    """Ready or not, and what is missing."""

    ready: bool
    reasons: tuple[str, ...] = ()


ReadinessCheck = Callable[[Mapping[str, Any]], Verdict]
READY = Verdict(True)
_FILLED_BY_A_CONTROLLER = "kubernetes.io/service-account-token"
_UNSEEN = "its controller has not seen this version of it yet"


def check_for(obj: Mapping[str, Any]) -> ReadinessCheck | None:
    """What shows that `obj` is ready; None for objects that are ready by existing. Raises ValueError on a malformed annotation."""
    if objects.annotation(obj, objects.SKIP_AWAIT) == "true":
        return None
    if expressions := objects.wait_conditions(obj):
        checks = [_expression(text) for text in expressions]
        return lambda live: _all([check(live) for check in checks])
    if objects.is_secret(obj):
        return _token if obj.get("type") == _FILLED_BY_A_CONTROLLER else None
    return _BY_KIND.get(objects.kind_of(obj))


def longest_wait(obj: Mapping[str, Any]) -> float:
    """Seconds after which `obj` is no longer waited for, whatever timeout was asked for: some kinds have a limit of their own."""
    if objects.wait_conditions(obj):
        return math.inf
    return _LONGEST_SECONDS.get(objects.kind_of(obj), math.inf)


def _all(verdicts: list[Verdict]) -> Verdict:
    return Verdict(all(verdict.ready for verdict in verdicts), tuple(reason for verdict in verdicts for reason in verdict.reasons))


def _expression(text: str) -> ReadinessCheck:
    if text.startswith("jsonpath="):
        path = JsonPath(text.removeprefix("jsonpath="))
        return lambda live: READY if path.matches(live) else Verdict(False, (f"waiting for {text}",))
    if not text.startswith("condition="):
        raise ValueError(f"{objects.WAIT_FOR}: {text!r} begins neither with condition= nor with jsonpath=")
    kind, _, status = text.removeprefix("condition=").partition("=")
    if not kind:
        raise ValueError(f"{objects.WAIT_FOR}: {text!r} names no condition")
    return lambda live: _condition(live, kind, status or "True")


def _condition(live: Mapping[str, Any], kind: str, wanted: str) -> Verdict:
    generation = (live.get("metadata") or {}).get("generation", 0)
    for condition in (live.get("status") or {}).get("conditions") or []:
        if str(condition.get("type")).lower() != kind.lower():
            continue
        observed = condition.get("observedGeneration", (live.get("status") or {}).get("observedGeneration"))
        if observed is not None and observed < generation:
            return Verdict(False, (f"waiting for condition {kind}={wanted}: generation {generation} is not observed yet",))
        if str(condition.get("status")).lower() == wanted.lower():
            return READY
        return Verdict(False, (f"waiting for condition {kind}={wanted}: it is {condition.get('status')}",))
    return Verdict(False, (f"waiting for condition {kind}={wanted}: the object does not have it",))


def _status(live: Mapping[str, Any]) -> Mapping[str, Any]:
    return live.get("status") or {}


def _observed(live: Mapping[str, Any]) -> bool:
    return bool(_status(live).get("observedGeneration", 0) >= (live.get("metadata") or {}).get("generation", 0))


def _conditions_that_tell(live: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(
        f"[{condition.get('reason') or condition.get('type')}] {condition['message']}"
        for condition in _status(live).get("conditions") or []
        if condition.get("message") and (condition.get("status") == "False" or condition.get("type") == "ReplicaFailure")
    )


def _replicas(live: Mapping[str, Any], wanted: int, *fields: str) -> Verdict:
    if not _observed(live):
        return Verdict(False, (_UNSEEN,))
    status = _status(live)
    for field in fields:
        if status.get(field, 0) < wanted:
            return Verdict(False, (f"{status.get(field, 0)} of {wanted} {field}", *_conditions_that_tell(live)))
    return READY


def _deployment(live: Mapping[str, Any]) -> Verdict:
    wanted = live["spec"].get("replicas", 1)
    verdict = _replicas(live, wanted, "updatedReplicas", "availableReplicas")
    if verdict.ready and _status(live).get("replicas", 0) > wanted:
        return Verdict(False, ("replicas of its previous version are still there",))
    conditions = {condition["type"]: condition["status"] for condition in _status(live).get("conditions") or []}
    if verdict.ready and (conditions.get("Available") != "True" or conditions.get("Progressing", "True") != "True"):
        return Verdict(False, _conditions_that_tell(live) or ("it is not available yet",))
    return verdict


def _stateful_set(live: Mapping[str, Any]) -> Verdict:
    verdict = _replicas(live, live["spec"].get("replicas", 1), "updatedReplicas", "readyReplicas")
    status = _status(live)
    if verdict.ready and status.get("currentRevision") != status.get("updateRevision"):
        return Verdict(False, ("replicas of its previous version are still there",))
    return verdict


def _daemon_set(live: Mapping[str, Any]) -> Verdict:
    return _replicas(live, _status(live).get("desiredNumberScheduled", 0), "updatedNumberScheduled", "numberAvailable")


def _has(kind: str) -> ReadinessCheck:
    def check(live: Mapping[str, Any]) -> Verdict:
        conditions = {condition["type"]: condition["status"] for condition in _status(live).get("conditions") or []}
        return READY if conditions.get(kind) == "True" else Verdict(False, _conditions_that_tell(live) or (f"it is not {kind} yet",))

    return check


def _claim(live: Mapping[str, Any]) -> Verdict:
    phase = _status(live).get("phase")
    return READY if phase == "Bound" else Verdict(False, (f"it is {phase or 'not bound'}",))


def _volume(live: Mapping[str, Any]) -> Verdict:
    phase = _status(live).get("phase")
    return READY if phase in ("Available", "Bound") else Verdict(False, (f"it is {phase or 'neither available nor bound'}",))


def _replication_controller(live: Mapping[str, Any]) -> Verdict:
    if not _observed(live):
        return Verdict(False, (_UNSEEN,))
    # Equal, not at least; and 0 is never reported: nobody should count on a wait that the real plugin gives up.
    wanted, available = live["spec"].get("replicas", 1), _status(live).get("availableReplicas")
    if available == wanted:
        return READY
    return Verdict(False, (f"{available or 0} of {wanted} availableReplicas", *_conditions_that_tell(live)))


def _quota(live: Mapping[str, Any]) -> Verdict:
    wanted, enforced = (live.get("spec") or {}).get("hard"), _status(live).get("hard")
    return READY if wanted and wanted == enforced else Verdict(False, ("its limits are not those that are enforced yet",))


def _ingress(live: Mapping[str, Any]) -> Verdict:
    address = (_status(live).get("loadBalancer") or {}).get("ingress")
    return READY if address else Verdict(False, ("its load balancer has no address: no ingress controller serves it yet",))


def _token(live: Mapping[str, Any]) -> Verdict:
    return READY if live.get("data") else Verdict(False, ("no token was put into it yet",))


SERVICE = GroupVersionKind("v1", "Service")
_BY_KIND: dict[GroupVersionKind, ReadinessCheck] = {
    GroupVersionKind("apps/v1", "Deployment"): _deployment,
    GroupVersionKind("apps/v1", "StatefulSet"): _stateful_set,
    GroupVersionKind("apps/v1", "DaemonSet"): _daemon_set,
    GroupVersionKind("batch/v1", "Job"): _has("Complete"),
    GroupVersionKind("v1", "Pod"): _has("Ready"),
    GroupVersionKind("v1", "PersistentVolume"): _volume,
    GroupVersionKind("v1", "PersistentVolumeClaim"): _claim,
    GroupVersionKind("v1", "ReplicationController"): _replication_controller,
    GroupVersionKind("v1", "ResourceQuota"): _quota,
    GroupVersionKind("networking.k8s.io/v1", "Ingress"): _ingress,
    GroupVersionKind("apiextensions.k8s.io/v1", "CustomResourceDefinition"): _has("Established"),
}
_LONGEST_SECONDS = {
    GroupVersionKind("v1", "PersistentVolume"): 300.0,
    GroupVersionKind("v1", "PersistentVolumeClaim"): 300.0,
    GroupVersionKind("v1", "ReplicationController"): 600.0,
    GroupVersionKind("v1", "ResourceQuota"): 60.0,
    GroupVersionKind("v1", "Secret"): 5.0,
}
