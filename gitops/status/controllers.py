"""Flux's controllers as rows: does each run, which version, how often was it started again, and when did it last do something."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from flux.object_reference import FLUX_NAMESPACE
from gitops.status.groups import Group
from gitops.status.reconciled import last_reconciled, moments
from gitops.status.reconcilers import reconciler, watchers_of
from gitops.status.revision import Body
from gitops.status.row import MALFORMED_REASON, Readiness, StatusRow
from live.client.api_answers import MALFORMED

MISSING = "Missing"
"""The reason of a row about a missing object."""
SCALED_TO_ZERO = "ScaledToZero"
"""The reason of a controller that was scaled to 0."""
BRING_BACK = "pulumi up"
"""What installs a missing object: `up` makes again what the cluster lost, whether or not the state still has it."""
_API, _KIND = "apps/v1", "Deployment"


def controller_rows(deployments: Sequence[Body], pods: Sequence[Body] | None, objects: Sequence[Body]) -> list[StatusRow]:
    """A row for each Deployment of Flux, and for each missing one that objects of the cluster need."""
    watchers = watchers_of(deployments)
    needed = Counter(name for body in objects if not _is_suspended(body) and (name := reconciler(body, watchers)))
    by_name: dict[str, list[Body]] = {}
    for body in objects:
        by_name.setdefault(reconciler(body, watchers) or "", []).append(body)
    rows = [_row(each, _own_pods(each, pods), by_name.get(each["metadata"]["name"], ())) for each in deployments]
    there = {row.name for row in rows}
    return [*rows, *(missing_controller(name, _why_needed(needed[name])) for name in sorted(needed.keys() - there))]


def missing_controller(name: str, why: str) -> StatusRow:
    """The row of a missing controller."""
    return _made(FLUX_NAMESPACE, name, Readiness.NO, MISSING, f"the Deployment does not exist, and {why}")


def _is_suspended(body: Body) -> bool:
    return bool((body.get("spec") or {}).get("suspend"))


def _why_needed(count: int) -> str:
    return f"nothing reconciles {count} object{'' if count == 1 else 's'} of its kinds: {BRING_BACK}"


def _row(deployment: Body, pods: Sequence[Body] | None, objects: Iterable[Body]) -> StatusRow:
    metadata = deployment["metadata"]
    readiness, reason, message = _judge(deployment, pods)
    seen = [moment for body in objects if (moment := last_reconciled(body))]
    return _made(
        metadata.get("namespace", ""), metadata["name"], readiness, reason, message,
        revision=_version(deployment),
        changed=_changed(deployment, readiness),
        last_reconciled=max(seen, default=None),
        restarts=None if pods is None else sum(_restarts(pod) for pod in pods),
    )  # fmt: skip


def _made(namespace: str, name: str, ready: Readiness, reason: str, message: str, **more: Any) -> StatusRow:
    return StatusRow(
        api_version=_API, kind=_KIND, namespace=namespace, name=name, group=Group.CONTROLLERS,
        ready=ready, reason=reason, message=message, **more,
    )  # fmt: skip


def _judge(deployment: Body, pods: Sequence[Body] | None) -> tuple[Readiness, str, str]:
    """The rules, the first that holds decides."""
    metadata, spec, status = deployment["metadata"], deployment.get("spec") or {}, deployment.get("status") or {}
    wanted = spec.get("replicas", 1)
    if why := deployment.get(MALFORMED):
        return Readiness.UNKNOWN, MALFORMED_REASON, f"what the API server says of it does not fit its kind: {why}"
    if metadata.get("deletionTimestamp"):
        return Readiness.NO, "Deleting", "it is being deleted"
    if wanted == 0:
        return Readiness.NO, SCALED_TO_ZERO, "it is scaled to 0, so nothing reconciles its objects"
    if status.get("observedGeneration", 0) < metadata.get("generation", 0):
        return Readiness.UNKNOWN, "Outdated", "its newest generation has not been observed yet"
    available, updated = status.get("availableReplicas", 0), status.get("updatedReplicas", 0)
    progress = _condition(deployment, "Progressing")
    if available < wanted or updated < wanted:
        count = f"{available} of {wanted} replicas {'is' if available == 1 else 'are'} available"
        if trouble := _trouble(pods or ()):
            return Readiness.NO, "NotAvailable", f"{count}: {trouble}"
        if progress.get("status") == "False":
            return Readiness.NO, str(progress.get("reason") or "NotAvailable"), f"{count}: {progress.get('message') or ''}".rstrip(": ")
        return Readiness.UNKNOWN, "Progressing", count if available < wanted else "its newest version is being rolled out"
    return Readiness.YES, "Running", _running(pods)


def _changed(deployment: Body, readiness: Readiness) -> datetime | None:
    """Since when it runs, in this version; of one that does not, when its status was last written: nothing says when it was scaled to 0."""
    metadata = deployment["metadata"]
    fields = metadata.get("managedFields") or []
    written = [field.get("time") for field in fields if field.get("subresource") == "status"] if readiness is Readiness.NO else []
    rollout = _condition(deployment, "Progressing")
    rolled_out = rollout.get("lastUpdateTime") if rollout.get("reason") == "NewReplicaSetAvailable" else None
    known = moments([_condition(deployment, "Available").get("lastTransitionTime"), rolled_out, *written])
    return max(known or moments([metadata.get("creationTimestamp")]), default=None)


def _running(pods: Sequence[Body] | None) -> str:
    restarts = sum(_restarts(pod) for pod in pods or ())
    if not restarts:
        return "running"
    ends = [end for pod in pods or () for each in _containers(pod) if (end := (each.get("lastState") or {}).get("terminated"))]
    why = next((str(end["reason"]) for end in ends if end.get("reason")), "")
    return f"running, restarted {restarts} time{'' if restarts == 1 else 's'}{f' (last termination: {why})' if why else ''}"


def _trouble(pods: Iterable[Body]) -> str:
    """Why a pod does not run, where it has come to a fault: CrashLoopBackOff, ImagePullBackOff."""
    for pod in pods:
        for container in _containers(pod):
            waiting = (container.get("state") or {}).get("waiting") or {}
            reason, message = str(waiting.get("reason") or ""), str(waiting.get("message") or "")
            if reason and reason not in ("ContainerCreating", "PodInitializing"):
                return f"{reason}: {message}" if message else reason
    return ""


def _own_pods(deployment: Body, pods: Sequence[Body] | None) -> list[Body] | None:
    """The pods that the Deployment selects; without pods that are being deleted."""
    if pods is None:
        return None
    wanted: Mapping[str, str] = ((deployment.get("spec") or {}).get("selector") or {}).get("matchLabels") or {}
    return [
        pod
        for pod in pods
        if not pod["metadata"].get("deletionTimestamp")
        and wanted
        and wanted.items() <= (pod["metadata"].get("labels") or {}).items()
        and pod["metadata"].get("namespace") == deployment["metadata"].get("namespace")
    ]


def _version(deployment: Body) -> str:
    """The tag of the controller's image; its digest, where it has no tag."""
    containers = (((deployment.get("spec") or {}).get("template") or {}).get("spec") or {}).get("containers") or [{}]
    image = str(next((each for each in containers if each.get("name") == "manager"), containers[0]).get("image") or "")
    name, _, digest = image.partition("@")
    tag = name.rpartition("/")[2].partition(":")[2]
    return tag or digest


def _containers(pod: Body) -> list[Body]:
    return list((pod.get("status") or {}).get("containerStatuses") or [])


def _restarts(pod: Body) -> int:
    return sum(int(container.get("restartCount") or 0) for container in _containers(pod))


def _condition(deployment: Body, kind: str) -> Body:
    conditions = (deployment.get("status") or {}).get("conditions") or []
    return next((each for each in conditions if each.get("type") == kind), {})
