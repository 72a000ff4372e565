"""Flux objects as an API server gives them, with what a test cares about changed."""

from collections.abc import Sequence
from typing import Any

from gitops.status.collect import rows_of
from gitops.status.row import StatusRow

Body = dict[str, Any]
COMMIT = "1a2b3c4d5e6f7a8b9c0d1a2b3c4d5e6f7a8b9c0d"
API = {
    "GitRepository": "source.toolkit.fluxcd.io/v1",
    "OCIRepository": "source.toolkit.fluxcd.io/v1",
    "HelmRepository": "source.toolkit.fluxcd.io/v1",
    "HelmChart": "source.toolkit.fluxcd.io/v1",
    "Bucket": "source.toolkit.fluxcd.io/v1",
    "Kustomization": "kustomize.toolkit.fluxcd.io/v1",
    "HelmRelease": "helm.toolkit.fluxcd.io/v2",
    "Receiver": "notification.toolkit.fluxcd.io/v1",
    "Alert": "notification.toolkit.fluxcd.io/v1beta3",
    "Provider": "notification.toolkit.fluxcd.io/v1beta3",
    "ImagePolicy": "image.toolkit.fluxcd.io/v1",
}


def condition(kind: str, status: str, reason: str, message: str = "", *, generation: int = 1, since: str = "2026-11-23T12:00:00Z") -> Body:
    """One entry of `status.conditions`."""
    return {
        "type": kind,
        "status": status,
        "reason": reason,
        "message": message,
        "observedGeneration": generation,
        "lastTransitionTime": since,
    }


SHARD = "sharding.fluxcd.io/key"
CONTROLLERS = ("source-controller", "kustomize-controller", "helm-controller", "notification-controller")


def controller(name: str, *, replicas: int = 1, available: int | None = None, **status: Any) -> Body:
    """The Deployment of a controller, with so many of its replicas available."""
    running = replicas if available is None else available
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {
            "name": name,
            "namespace": "flux-system",
            "generation": 1,
            "creationTimestamp": "2026-11-23T11:00:00Z",
            "labels": {"app.kubernetes.io/part-of": "flux"},
        },
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": {"app": name}},
            "template": {"spec": {"containers": [{"name": "manager", "image": f"ghcr.io/fluxcd/{name}:v1.2.3"}]}},
        },
        "status": {
            "observedGeneration": 1,
            "replicas": replicas,
            "updatedReplicas": replicas,
            "availableReplicas": running,
            "conditions": [condition("Available", "True", "MinimumReplicasAvailable")],
            **status,
        },
    }


def watching(name: str, selector: str, of: str = "", **more: Any) -> Body:
    """A controller, or the copy of one, that watches what `selector` selects."""
    body = controller(name, **more)
    body["metadata"]["labels"]["app.kubernetes.io/component"] = of or name
    body["spec"]["template"]["spec"]["containers"][0]["args"] = ["--log-level=info", f"--watch-label-selector={selector}"]
    return body


def pod(of: str, *, restarts: int = 0, state: Body | None = None, last_state: Body | None = None) -> Body:
    """A pod of the controller `of`."""
    container = {"name": "manager", "restartCount": restarts, "state": state or {"running": {}}, "lastState": last_state or {}}
    labels = {"app": of, "app.kubernetes.io/part-of": "flux"}
    return {
        "kind": "Pod",
        "metadata": {"name": f"{of}-x", "namespace": "flux-system", "labels": labels},
        "status": {"containerStatuses": [container]},
    }


def objects_only(bodies: Sequence[Body]) -> list[StatusRow]:
    """The rows of objects, whatever becomes of the controllers."""
    return rows_of(bodies, with_controllers=False)


def ready(message: str = "fine", **more: Any) -> Body:
    """The condition of a success."""
    return condition("Ready", "True", "Succeeded", message, **more)


def flux_object(kind: str, name: str, *conditions: Body, namespace: str = "flux-system", generation: int = 1, **more: Any) -> Body:
    """An object with these conditions; `spec=`, `status=` and `metadata=` are merged over it."""
    status: Body = {"conditions": list(conditions), "observedGeneration": generation} if conditions else {}
    return {
        "apiVersion": API.get(kind, "other.toolkit.fluxcd.io/v1"),
        "kind": kind,
        "metadata": {
            "name": name,
            "namespace": namespace,
            "generation": generation,
            "creationTimestamp": "2026-11-23T11:00:00Z",
            **more.get("metadata", {}),
        },
        "spec": more.get("spec", {}),
        "status": {**status, **more.get("status", {})},
    }
