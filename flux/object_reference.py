"""What an object is called."""

from collections.abc import Mapping
from typing import Any, NamedTuple

FLUX_NAMESPACE = "flux-system"
"""The namespace of the controllers and of every object that a stack owns; Flux's own manifests assume it too."""


class ObjectReference(NamedTuple):
    """Kind, namespace and name: what makes two descriptions the same object in the cluster. Cluster-scoped: namespace is empty.

    A tuple, because rules look up some thirty thousand of them for a thousand objects, and hash each.
    """

    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        """Written as Flux and kubectl write it: `GitRepository/flux-system/argo-workflows`."""
        return "/".join(part for part in (self.kind, self.namespace, self.name) if part)


def reference_of(body: Mapping[str, Any]) -> ObjectReference:
    """Kind, namespace and name of an object's body."""
    metadata = body.get("metadata", {})
    return ObjectReference(kind=body["kind"], namespace=metadata.get("namespace", ""), name=metadata["name"])
