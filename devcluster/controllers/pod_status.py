"""What a kubelet would say of a controller's pods: the simulated node calls each ready when it is scheduled, and never looks again."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx

from devcluster.control_plane.kube_client import Kube
from devcluster.controllers.pod_command import NAMESPACE
from devcluster.controllers.supervised_process import Health

PODS = f"/api/v1/namespaces/{NAMESPACE}/pods"
AGAIN_SECONDS = 2.0
_OF_CONTAINERS = ("Ready", "ContainersReady")


class PodStatus:
    """Writes how the processes are doing into the status of their pods."""

    def __init__(self, connect: Callable[[], Kube], say: Callable[[str], None], logs: Path) -> None:
        """No pod has a status yet. `logs`: where the log of each controller is."""
        self._connect, self._say, self._logs = connect, say, logs
        self._told: dict[str, tuple[Health | None, float]] = {}
        """Controller → the status that its pods got, and when; None where that failed."""

    def tell(self, name: str, deployment: Mapping[str, Any] | None, health: Health | None, now: float) -> None:
        """Write it into the pods: at every change, and again while it is not ready, because there may be new pods. None: unknown."""
        if deployment is None or health is None:
            self._told.pop(name, None)
            return
        before, told = self._told.get(name, (None, -AGAIN_SECONDS))
        is_recent = now - told < AGAIN_SECONDS
        if (is_recent and before is None) or (health == before and (health.ready or is_recent)):
            return
        try:
            with self._connect() as kube:
                _write(kube, deployment, health, str(self._logs / f"{name}.log"))
        except (httpx.HTTPError, OSError, LookupError, ValueError) as failed:
            if not (before is None and name in self._told):
                self._say(f"{name}: the status of its pods could not be written: {failed}")
            self._told[name] = (None, now)
        else:
            self._told[name] = (health, now)


def _write(kube: Kube, deployment: Mapping[str, Any], health: Health, log: str) -> None:
    """A pod that the simulated node has not started yet, or that is on its way out, is left alone."""
    labels = deployment["spec"]["selector"]["matchLabels"]
    selector = quote(",".join(f"{key}={value}" for key, value in labels.items()))
    listed = kube.get(f"{PODS}?labelSelector={selector}") or {}
    for pod in listed.get("items") or []:
        status = pod.get("status") or {}
        if pod["metadata"].get("deletionTimestamp") or not status.get("containerStatuses"):
            continue
        told = pod_status(status, health, log)
        if told != {key: status.get(key) for key in told}:
            # A change of the pod in the meantime wins: it is read again.
            version = {"resourceVersion": pod["metadata"]["resourceVersion"]}
            kube.merge(f"{PODS}/{pod['metadata']['name']}/status", {"metadata": version, "status": told})


def pod_status(status: Mapping[str, Any], health: Health, log: str) -> dict[str, Any]:
    """The part of a pod's status that says how its controller is doing; what already says so stays, its times included."""
    containers = list(status["containerStatuses"])
    own = next((index for index, each in enumerate(containers) if each.get("name") == "manager"), 0)
    containers[own] = _container(containers[own], health, log)
    are_ready = all(each.get("ready") for each in containers)
    return {
        "containerStatuses": containers,
        "conditions": [_condition(each, are_ready) for each in status.get("conditions") or []],
    }


def _container(container: Mapping[str, Any], health: Health, log: str) -> dict[str, Any]:
    told = {
        **container,
        "ready": health.ready,
        "started": health.ready,
        "restartCount": max(int(container.get("restartCount") or 0), health.restarts),
    }
    if health.exit_code is not None and health.restarts > int(container.get("restartCount") or 0):
        told["lastState"] = {"terminated": {"exitCode": _exit_code(health.exit_code), "reason": "Error", "finishedAt": _now()}}
    if health.ready:
        told["state"] = container["state"] if "running" in (container.get("state") or {}) else {"running": {"startedAt": _now()}}
    elif health.trouble:
        told["state"] = {"waiting": {"reason": "CreateContainerConfigError", "message": health.trouble}}
    else:
        message = (
            f"back-off restarting failed container {container.get('name')}, exit code {_exit_code(health.exit_code)}; its log is {log}"
        )
        told["state"] = {"waiting": {"reason": "CrashLoopBackOff", "message": message}}
    return told


def _exit_code(code: int | None) -> int:
    """As a container has it: Python says a signal as a negative number."""
    return 0 if code is None else code if code >= 0 else 128 - code


def _condition(condition: Mapping[str, Any], are_ready: bool) -> dict[str, Any]:
    wanted = "True" if are_ready else "False"
    if condition.get("type") not in _OF_CONTAINERS or condition.get("status") == wanted:
        return dict(condition)
    kept = {key: value for key, value in condition.items() if key not in ("reason", "message")}
    why = {} if are_ready else {"reason": "ContainersNotReady", "message": "containers with unready status: [manager]"}
    return {**kept, **why, "status": wanted, "lastTransitionTime": _now()}


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
