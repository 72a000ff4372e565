"""The objects of a stack as the last `up` applied them, and as the cluster has them now."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flux.message import Message
from flux.object_reference import ObjectReference
from gitops.drift.removed_by_up import RemovedByUp, removed_by_up
from gitops.errors import CommandError
from gitops.pulumi_cli import StackName
from gitops.pulumi_state import StackState, read_state, target_of
from live.ownership.compared_objects import NEEDED_FIRST, Compared, DeclaredObjects
from live.ownership.wanted_objects import WantedObject, plural_of


@dataclass(frozen=True, kw_only=True)
class Drift:
    """What differs."""

    stack: str
    objects: tuple[Compared, ...]
    """Every object that was compared, with or without a difference."""
    secret_keys: Mapping[ObjectReference, frozenset[str]]
    """The keys of an object whose values are never shown."""
    removed_by_up: RemovedByUp = field(default_factory=RemovedByUp)
    """What the cluster has beside them."""

    @property
    def drifted(self) -> list[Compared]:
        """The objects that are not as they were applied."""
        return [each for each in self.objects if each.is_missing or each.differences]

    def is_fine(self, *, mended: bool) -> bool:
        """Whether nothing is left to do. `mended`: what differed was set back, which removes no object."""
        return not self.removed_by_up.objects and (mended or not self.drifted)

    @property
    def suspended(self) -> list[Compared]:
        """The objects that somebody suspended: this is not drift."""
        return [each for each in self.objects if each.suspended]


def drift_of(stack: StackName, folder: Path, *, mend: bool) -> Drift:
    """Compare, and with `mend` apply what differs as the last `up` did.

    Raises:
        CommandError: pulumi does not give the state, or it has no object: nothing would differ, whatever the cluster has.
        LiveError: the cluster cannot be read, or refuses.
    """
    state = read_state(stack, folder)
    declared = _declared(state)
    if not declared:
        wrong, fix = (
            f"the state of stack {stack.short} has no Kubernetes object",
            "Run `pulumi up`: it takes over what the cluster has of it.",
        )
        raise CommandError(Message(wrong, "There is nothing to compare the cluster with.", fix))
    target = target_of(state, stack)
    cluster = DeclaredObjects(target)
    try:
        found = Drift(
            stack=stack.short,
            objects=tuple(cluster.compare(declared)),
            secret_keys={each.reference: each.secret_keys for each in state.objects},
            removed_by_up=removed_by_up(stack, folder, state, target),
        )
        if mend:
            places = {each.reference: each for each in declared}
            for each in sorted(found.drifted, key=lambda each: each.reference.kind not in NEEDED_FIRST):
                place = places[each.reference]
                if each.is_missing:
                    cluster.make(place, declared[place])
                else:
                    cluster.mend(place, declared[place], each.differences)
        return found
    finally:
        cluster.close()


def _declared(state: StackState) -> dict[WantedObject, Mapping[str, Any]]:
    definitions = [each.body for each in state.objects if each.reference.kind == "CustomResourceDefinition"]
    return {_wanted(each.body, each.reference, definitions): each.body for each in state.objects}


def _wanted(body: Mapping[str, Any], reference: ObjectReference, definitions: Iterable[Mapping[str, Any]]) -> WantedObject:
    return WantedObject(str(body.get("apiVersion")), plural_of(reference.kind, definitions), reference)
