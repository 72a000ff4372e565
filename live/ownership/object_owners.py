"""Whose a live object is: by the owner's mark, else by the labels of those who make objects, else by who wrote its fields.

The mark decides where it is. Of an object without it, labels come first, because a controller's label says who will write it again; then
the writers, of whom those that own an object as a whole are known by name. What a controller adds to anybody's object (a finalizer, a
revision) makes it no owner.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from flux.object_reference import ObjectReference
from flux.owners_mark import CLUSTER_LABEL, FIELD_MANAGER, STACK_LABEL, TAKEN_ANNOTATION, OwnersMark
from live.client.object_metadata import FieldEntry, LiveMetadata

OURS = "ours"
UNKNOWN = "unknown"
STACK_OWNER, CLUSTER_OWNER = "stack/", "cluster/"
"""How an owner begins that is another stack, or the same stack under another cluster's name."""


@dataclass(frozen=True)
class _Known:
    """Somebody who makes objects."""

    names: tuple[str, ...]
    """Of field managers, whole."""
    beginnings: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    annotations: tuple[str, ...] = ()

    def wrote(self, manager: str) -> bool:
        return manager in self.names or manager.startswith(self.beginnings)

    def marked(self, found: LiveMetadata) -> bool:
        return any(label in found.labels for label in self.labels) or any(each in found.annotations for each in self.annotations)


# In the order in which they are asked: who writes an object again and again comes before who wrote it once.
OTHERS: dict[str, _Known] = {
    "kustomize-controller": _Known(("kustomize-controller",), labels=("kustomize.toolkit.fluxcd.io/name",)),
    "helm": _Known(("helm", "helm-controller"), labels=("helm.toolkit.fluxcd.io/name",), annotations=("meta.helm.sh/release-name",)),
    "flux-operator": _Known(("flux-operator",), labels=("fluxcd.controlplane.io/name", "resourceset.fluxcd.controlplane.io/name")),
    "argocd": _Known((), ("argocd-",), labels=("argocd.argoproj.io/instance",), annotations=("argocd.argoproj.io/tracking-id",)),
    "flux": _Known(("flux",)),
    "terraform": _Known(("Terraform", "OpenTofu", "HashiCorp"), ("terraform-provider-",)),
    "kubectl": _Known(("before-first-apply",), ("kubectl",)),
}
"""Owner, as the stack file names it → how it is known."""
OWNERS = (*OTHERS, UNKNOWN)
"""What the stack file may name, beside another stack or cluster."""
_PULUMI = _Known(("pulumi-resource-kubernetes",), ("pulumi-kubernetes",))
_ADDS_TO_ANYTHING = _Known(("kube-controller-manager", "kube-apiserver", "k3s", "k0s", "rke2", "cert-manager-cainjector"), ("gotk-",))
"""Kubernetes itself, in its distributions with one program for all of it, too; cert-manager, which writes certificates into CRDs."""


def owner_of(found: LiveMetadata, mark: OwnersMark) -> str:
    """`OURS`, one of `OWNERS`, or another stack or cluster by the value of its label.

    Without a mark and without another owner, what only Pulumi's Kubernetes provider wrote is ours: so are the objects of a stack from
    before there was a mark. What a person changed of such an object by hand makes that person no owner.
    """
    if stack := found.labels.get(STACK_LABEL):
        cluster = found.labels.get(CLUSTER_LABEL, mark.cluster)
        if stack != mark.stack:
            return STACK_OWNER + stack
        return OURS if cluster == mark.cluster else CLUSTER_OWNER + cluster
    for name, known in OTHERS.items():
        if known.marked(found):
            return name
    writers = owners_among(found.managed_fields)
    by_pulumi = any(is_of_pulumi(each) for each in writers)
    strangers = [each for each in writers if not (is_of_pulumi(each) or (by_pulumi and _is_by_hand(each)))]
    if not strangers:
        return OURS if by_pulumi else UNKNOWN
    return next((name for name, known in OTHERS.items() if any(known.wrote(each.manager) for each in strangers)), UNKNOWN)


def made_by(found: Mapping[ObjectReference, LiveMetadata], mark: OwnersMark) -> dict[ObjectReference, LiveMetadata]:
    """Those of `found` that this stack alone made.

    Not a copy of one, which has the labels but was not applied by the stack; not what was taken over, which stays; not what a controller
    applies from Git by now; not what is being deleted already.
    """
    return {
        reference: each
        for reference, each in found.items()
        if each.labels.get(STACK_LABEL) == mark.stack
        and each.labels.get(CLUSTER_LABEL) == mark.cluster
        and any((entry.manager, entry.operation) == (FIELD_MANAGER, "Apply") for entry in each.managed_fields)
        and TAKEN_ANNOTATION not in each.annotations
        and not any(known.marked(each) for known in OTHERS.values())
        and not each.deletion_timestamp
    }


def owners_among(entries: Iterable[FieldEntry]) -> list[FieldEntry]:
    """Those that wrote the object itself, without who adds to anybody's: a finalizer, an annotation, a status."""
    return [each for each in entries if not (each.is_of_status or each.is_addition or _ADDS_TO_ANYTHING.wrote(each.manager))]


def scaled_by_hand(entries: Iterable[FieldEntry]) -> list[FieldEntry]:
    """Those of `kubectl scale`, not of a HorizontalPodAutoscaler, which is Kubernetes' own."""
    return [each for each in entries if each.is_scale and not _ADDS_TO_ANYTHING.wrote(each.manager)]


def is_of_pulumi(entry: FieldEntry) -> bool:
    """Whether a stack wrote it: under its one name, or under those that the provider drew before there was one."""
    return entry.manager == FIELD_MANAGER or _PULUMI.wrote(entry.manager)


def _is_by_hand(entry: FieldEntry) -> bool:
    """Whether a person changed a field of an object that is there: `kubectl edit`, `flux suspend`."""
    return OTHERS["kubectl"].wrote(entry.manager) or (OTHERS["flux"].wrote(entry.manager) and entry.operation == "Update")


def is_former(owner: str) -> Callable[[FieldEntry], bool]:
    """Whose fields become the stack's when it takes an object over from `owner`: its own, those of earlier appliers, and of Pulumi."""

    def former(entry: FieldEntry) -> bool:
        if entry.is_of_status or _ADDS_TO_ANYTHING.wrote(entry.manager):
            return False
        if entry.manager == FIELD_MANAGER:
            return entry.operation == "Update"
        if _PULUMI.wrote(entry.manager):
            return True
        if owner in OTHERS and entry.operation == "Apply":
            # Owners before that one, such as the CLI whose bootstrap kustomize-controller went on with.
            return any(known.wrote(entry.manager) for known in OTHERS.values())
        return owner == UNKNOWN or (owner in OTHERS and OTHERS[owner].wrote(entry.manager))

    return former
