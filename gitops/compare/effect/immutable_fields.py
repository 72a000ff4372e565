"""Fields of Kubernetes' own kinds that the API server never changes: with one of them, Flux applies nothing of the whole Kustomization.

With `force`, it deletes and recreates the object (https://fluxcd.io/flux/components/kustomize/kustomizations/#force).
"""

from collections.abc import Mapping
from typing import Any

from gitops.check.repository.documents import mapping

_SELECTOR = ("spec.selector",)
_CLAIM = ("accessModes", "dataSource", "dataSourceRef", "selector", "storageClassName", "volumeMode", "volumeName")
_FIELDS: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("apps", "DaemonSet"): _SELECTOR,
    ("apps", "Deployment"): _SELECTOR,
    ("apps", "ReplicaSet"): _SELECTOR,
    ("apps", "StatefulSet"): (*_SELECTOR, "spec.serviceName", "spec.volumeClaimTemplates", "spec.podManagementPolicy"),
    ("batch", "Job"): (*_SELECTOR, "spec.template", "spec.completionMode"),
    ("", "PersistentVolumeClaim"): tuple(f"spec.{field}" for field in _CLAIM),
    ("", "Secret"): ("type",),
    ("", "Service"): ("spec.clusterIP",),
    ("apiextensions.k8s.io", "CustomResourceDefinition"): ("spec.scope",),
    ("rbac.authorization.k8s.io", "ClusterRoleBinding"): ("roleRef",),
    ("rbac.authorization.k8s.io", "RoleBinding"): ("roleRef",),
    ("scheduling.k8s.io", "PriorityClass"): ("value",),
    ("storage.k8s.io", "StorageClass"): ("parameters", "provisioner", "reclaimPolicy", "volumeBindingMode"),
}
"""A field that Git does not set has a default that is unknown here: only where both sides set it, it is compared."""
_CONTENT = ("data", "binaryData", "stringData")


def immutable_change(kind: tuple[str, str], before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """The first field that changes and cannot; empty if there is none."""
    fields = _FIELDS.get(kind, ())
    if kind in (("", "ConfigMap"), ("", "Secret")) and before.get("immutable") is True:
        fields = (*fields, *_CONTENT)
    return next((field for field in fields if _differs(_at(before, field), _at(after, field))), "")


def _differs(before: Any, after: Any) -> bool:
    return before is not None and after is not None and before != after


def _at(body: Mapping[str, Any], field: str) -> Any:
    *parents, last = field.split(".")
    return mapping(dict(body), *parents).get(last)
