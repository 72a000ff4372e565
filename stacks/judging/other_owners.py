"""Objects that the stack would make and somebody else has made: who, how many, and what a person can do about it."""

from collections.abc import Collection, Iterable, Mapping
from itertools import groupby

from flux.message import Message
from flux.object_reference import ObjectReference
from flux.visible_text import visible
from live.ownership.object_owners import CLUSTER_OWNER, OWNERS, STACK_OWNER, UNKNOWN
from stacks.contract.stack import Stack
from stacks.reading.validation import Validated
from stacks.words.did_you_mean import did_you_mean
from stacks.words.problems import Problem

_NAMED = 3
"""Objects of one kind that are named; of more, their number."""
_OVERWRITES = "Each would overwrite the other, and `pulumi destroy` would delete what is not this stack's."
_CALLED = {
    "kustomize-controller": "kustomize-controller, which applies them from Git",
    "helm": "a Helm release",
    "flux-operator": "flux-operator",
    "argocd": "Argo CD",
    "flux": "the flux CLI (`flux install` or `flux bootstrap`)",
    "terraform": "Terraform",
    "kubectl": "kubectl",
}
_FIRST = {
    "kustomize-controller": "Annotate them in Git with kustomize.toolkit.fluxcd.io/prune: disabled, and then remove them from Git. ",
    "helm": "Delete Helm's record of the release, without uninstalling it: `gitops adopt` shows how. ",
    "flux-operator": "Annotate the FluxInstance with fluxcd.controlplane.io/reconcile: disabled, and delete it. ",
    "argocd": "Remove them from the application without deleting them. ",
    "terraform": "Remove them from Terraform's state with `terraform state rm`. ",
}
"""What ends the other's ownership: without it, the other would write its fields again."""


def message_about(owner: str, objects: Collection[ObjectReference], writers: Iterable[str]) -> Message:
    """The refusal of what one other owner has. `writers`: its field managers, where it is not known by name."""
    count = len(objects)
    has = f"{count} {'object' if count == 1 else 'objects'} of this stack {'exists' if count == 1 else 'exist'} already and "
    has += f"{'belongs' if count == 1 else 'belong'} to {_called(owner, writers)}: {listed(objects)}"
    consent = f"write gitops:takeOver: [{visible(owner)}]"
    if owner.startswith(STACK_OWNER):
        return Message(has, _OVERWRITES, f"Use another cluster. If this stack replaces that one, {consent}, and delete its state.")
    if owner.startswith(CLUSTER_OWNER):
        former = visible(owner.removeprefix(CLUSTER_OWNER))
        return Message(has, _OVERWRITES, f"If the cluster is still called {former}, write that as gitops:cluster.name; else {consent}.")
    first = _FIRST.get(owner)
    if first is None:
        return Message(has, _OVERWRITES, f"If this stack is to own them, {consent}.")
    return Message(has, _OVERWRITES, f"If this stack is to own them: {first}Then {consent}.")


def check_take_over(stack: Validated[Stack], problems: list[Problem]) -> None:
    """Add a problem for each name under `takeOver` by which `up` calls no owner."""
    for index, name in enumerate(stack.model.take_over):
        if name not in OWNERS and not name.startswith((STACK_OWNER, CLUSTER_OWNER)):
            fix = did_you_mean(name, [*OWNERS, f"{STACK_OWNER}<project>.<stack>", f"{CLUSTER_OWNER}<name>"])
            told = Message("is not the name of an owner", "Nothing would be taken over.", fix)
            problems.append(Problem(stack.place("takeOver", index), told))


def listed(objects: Collection[ObjectReference]) -> str:
    """All of them by kind: `12 CustomResourceDefinitions, Namespace/flux-system`."""
    parts = []
    for kind, group in groupby(sorted(objects), key=lambda each: each.kind):
        found = list(group)
        parts += [f"{len(found)} {_several(kind)}"] if len(found) > _NAMED else [f"{kind}/{each.name}" for each in found]
    return ", ".join(parts)


def by_owner(owners: Mapping[ObjectReference, str], refused: Collection[str]) -> dict[str, list[ObjectReference]]:
    """The objects of each owner that is refused."""
    found: dict[str, list[ObjectReference]] = {}
    for reference, owner in owners.items():
        if owner in refused:
            found.setdefault(owner, []).append(reference)
    return dict(sorted(found.items()))


def _several(kind: str) -> str:
    if kind.endswith("y"):
        return f"{kind[:-1]}ies"
    return kind if kind.endswith("s") else f"{kind}s"


def _called(owner: str, writers: Iterable[str]) -> str:
    if owner.startswith(STACK_OWNER):
        return f"stack {visible(owner.removeprefix(STACK_OWNER))}"
    if owner.startswith(CLUSTER_OWNER):
        return f"this stack under another name of its cluster, {visible(owner.removeprefix(CLUSTER_OWNER))}"
    if owner == UNKNOWN:
        names = sorted(set(writers))
        return f"somebody unknown ({', '.join(map(visible, names[:_NAMED])) or 'no field manager is recorded'})"
    return _CALLED[owner]
