"""Flux objects as an API server gives them, with what a test cares about changed."""

from typing import Any

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
