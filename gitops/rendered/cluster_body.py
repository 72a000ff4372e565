"""A body as the cluster gets it when it is applied, and the order in which that works.

Annotations under `pulumi.com/` are left out: they tell Pulumi's provider how to apply an object, and mean nothing to the cluster, to Flux,
or to another tool that applies it. Everything else that is registered is shown, the owner's mark included, since the cluster has it.
"""

from collections.abc import Mapping
from typing import Any

FOR_THE_PROVIDER = "pulumi.com/"
_FIRST = (
    "Namespace",
    "CustomResourceDefinition",
    "ServiceAccount",
    "ClusterRole",
    "ClusterRoleBinding",
    "Role",
    "RoleBinding",
    "ResourceQuota",
    "NetworkPolicy",
    "Secret",
    "ConfigMap",
    "Service",
    "Deployment",
    "GitRepository",
    "OCIRepository",
    "HelmRepository",
    "Bucket",
    "HelmChart",
)
_RANK = {kind: rank for rank, kind in enumerate(_FIRST)}


def for_the_cluster(body: Mapping[str, Any]) -> dict[str, Any]:
    """A copy without what is meant for Pulumi's provider."""
    metadata = body["metadata"]
    annotations = metadata.get("annotations")
    if not isinstance(annotations, Mapping):
        return dict(body)
    kept = {key: value for key, value in annotations.items() if not str(key).startswith(FOR_THE_PROVIDER)}
    without = {key: value for key, value in metadata.items() if key != "annotations"}
    return {**body, "metadata": {**without, **({"annotations": kept} if kept else {})}}


def order(body: Mapping[str, Any]) -> tuple[int, str, str, str]:
    """What comes first can be applied first; within a kind, by name: the same whatever order the files have."""
    kind, metadata = str(body["kind"]), body["metadata"]
    return _RANK.get(kind, len(_FIRST)), kind, str(metadata.get("namespace", "")), str(metadata["name"])
