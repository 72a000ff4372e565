"""Flux objects as a removal sees them."""

from dataclasses import replace

from flux.kinds import KINDS
from flux.object_reference import FLUX_NAMESPACE, ObjectReference
from flux.owners_mark import STACK_LABEL
from live.flux_objects.flux_removal import RemovableObject
from live.ownership.wanted_objects import WantedObject

RUNNING = frozenset({"source-controller", "kustomize-controller", "helm-controller", "notification-controller"})
FLUX_FINALIZER = "finalizers.fluxcd.io"


def flux_object(
    kind: str, name: str, *applied: ObjectReference, namespace: str = FLUX_NAMESPACE, own: bool = False, **changes: object
) -> RemovableObject:
    known = KINDS[kind]
    found = RemovableObject(
        place=WantedObject(f"{known.api_group}/v1", known.plural, ObjectReference(kind, namespace, name)),
        controller=known.controller,
        uid=f"uid-of-{name}",
        labels={STACK_LABEL: "gitops.dev"} if own else {},
        taken_over=False,
        finalizers=(FLUX_FINALIZER,),
        deleted_since=None,
        suspended=False,
        removes=kind in ("Kustomization", "HelmRelease"),
        waits=True,
        applied=applied,
        said="",
    )
    return replace(found, **changes)  # type: ignore[arg-type]


def applied_by(found: RemovableObject, parent: RemovableObject) -> RemovableObject:
    """With the labels that kustomize-controller gives it."""
    labels = {
        "kustomize.toolkit.fluxcd.io/name": parent.reference.name,
        "kustomize.toolkit.fluxcd.io/namespace": parent.reference.namespace,
    }
    return replace(found, labels={**found.labels, **labels})


def is_own(found: RemovableObject) -> bool:
    return found.labels.get(STACK_LABEL) == "gitops.dev"


def things(count: int) -> list[ObjectReference]:
    return [ObjectReference("ConfigMap", "apps", f"thing-{number}") for number in range(count)]
