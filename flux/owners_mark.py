"""The owner's mark: by which the stack and the cluster of an object are known in the cluster itself.

Pulumi's state says the same, and can be lost, moved or old. The keys never change: objects that carry them are always found by them.
Their prefix is a domain of the project's own, as Kubernetes asks for, so that no other tool writes them.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

DOMAIN = "gitops.daviestechlabs.io"
STACK_LABEL = f"{DOMAIN}/stack"
CLUSTER_LABEL = f"{DOMAIN}/cluster"
FIELD_MANAGER = DOMAIN
"""Who owns the fields that a stack applies, in `metadata.managedFields`: one name for every object, and the same when the state is lost."""
MANAGER_ANNOTATION = "pulumi.com/patchFieldManager"
"""Gives the Kubernetes provider that name. Without it, each resource draws one of its own, which stands in the state alone."""
DELETED_AT_ONCE = {"pulumi.com/deletionPropagationPolicy": "background"}
"""How the Kubernetes provider deletes an object of Flux. Its own way, in the foreground, adds a finalizer that Kubernetes soon removes.
Flux's controllers remove theirs with all others listed: that fails if one has gone meanwhile, and is tried again much later."""
ACTIVE_KEY_ANNOTATION = f"{DOMAIN}/active-key"
"""On the Secret of a credential: which of the generated SSH keys it holds."""
TAKEN_ANNOTATION = f"{DOMAIN}/taken-from"
"""On an object that was taken over: from whom. It stays on destroy, unless the stack says otherwise."""
TAKER = f"{DOMAIN}/take-over"
"""Who owns that annotation. Under the stack's own name, the next apply would remove it, as no program declares it."""
CLUSTER_UID_ANNOTATION = f"{DOMAIN}/cluster-uid"
"""On the Namespace of Flux: the UID of the Namespace kube-system, which no two clusters share."""
CLUSTER_PINNER = f"{DOMAIN}/cluster-uid"
"""Who owns that annotation, for the same reason."""
_LONGEST = 63
_DIGITS = 10
_VALUE = re.compile(r"[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?")


@dataclass(frozen=True)
class OwnersMark:
    """The owner of an object. Pod templates do not carry it: no controller restarts because of it."""

    stack: str
    """`gitops.production`: project and stack, because two projects may have a stack of the same name."""
    cluster: str
    """`homelab`: the cluster's name in the stack file."""

    @classmethod
    def of(cls, project: str, stack: str, cluster: str) -> "OwnersMark":
        """The mark of what a stack makes."""
        return cls(label_value(project, stack), label_value(cluster))

    @property
    def labels(self) -> dict[str, str]:
        """Key → value."""
        return {STACK_LABEL: self.stack, CLUSTER_LABEL: self.cluster}

    @property
    def annotations(self) -> dict[str, str]:
        """What makes the provider apply under the one name."""
        return {MANAGER_ANNOTATION: FIELD_MANAGER}

    def on(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """A copy of a body that carries it. A body whose metadata a patch has broken is left to those who judge it."""
        metadata = body.get("metadata")
        if not isinstance(metadata, Mapping):
            return dict(body)
        labels, annotations = metadata.get("labels") or {}, metadata.get("annotations") or {}
        if not isinstance(labels, Mapping) or not isinstance(annotations, Mapping):
            return dict(body)
        labels, annotations = {**labels, **self.labels}, {**annotations, **self.annotations}
        return {**body, "metadata": {**metadata, "labels": labels, "annotations": annotations}}


def label_value(*names: str) -> str:
    """Names as the value of a label, joined by dots; where they do not fit, or a dot would be ambiguous, shortened and with a digest."""
    plain = ".".join(names)
    is_clear = len(names) == 1 or not any("." in name for name in names)
    if is_clear and len(plain) <= _LONGEST and _VALUE.fullmatch(plain):
        return plain
    digest = hashlib.sha256("/".join(names).encode()).hexdigest()[:_DIGITS]
    beginning = re.sub(r"[^A-Za-z0-9_.-]", "-", plain)[: _LONGEST - _DIGITS - 1].strip("_.-")
    return f"{beginning}-{digest}" if beginning else digest


def reserved_in(metadata: Any) -> Iterator[tuple[str, str]]:
    """What a file writes into the metadata of an object although only the program may: `labels` or `annotations`, and the key."""
    for part in ("labels", "annotations"):
        given = metadata.get(part) if isinstance(metadata, Mapping) else None
        for key in given if isinstance(given, Mapping) else ():
            if isinstance(key, str) and (key.startswith(f"{DOMAIN}/") or key == MANAGER_ANNOTATION):
                yield part, key
