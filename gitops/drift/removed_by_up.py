"""What carries the stack's mark, although neither Pulumi's state nor the stack file has it: what the next `up` removes.

A lost or old state does not have the object. Once its entry has left the file, too, only its mark says which stack made it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flux.any_shape import at, entries
from flux.kinds import KINDS
from flux.object_reference import FLUX_NAMESPACE, ObjectReference, reference_of
from flux.owners_mark import OwnersMark
from gitops.project import project_name
from gitops.pulumi_cli import StackName
from gitops.pulumi_state import StackState
from gitops.stack_file import plain_values, text_at
from live.access.target import Target
from live.ownership.object_owners import made_by
from live.ownership.owned_objects import OwnedObjects
from live.ownership.wanted_objects import WantedObject, any_of_kind

_ALWAYS = (("v1", "Secret"), ("v1", "ConfigMap"))
"""Kinds that a stack may have made although its state has none of them."""


@dataclass(frozen=True, kw_only=True)
class RemovedByUp:
    """Objects that only their mark assigns to the stack."""

    objects: tuple[ObjectReference, ...] = ()
    is_certain: bool = True
    """Whether `up` removes them; it does not if the stack file makes them, which is unknown where that is refused."""


def removed_by_up(stack: StackName, folder: Path, state: StackState, target: Target) -> RemovedByUp:
    """What `up` will remove. The stack file is read only if the cluster has something that the state lacks.

    Raises:
        LiveError: the cluster cannot be read, or refuses.
    """
    mark = OwnersMark.of(
        project_name(folder), stack.short, state.cluster or text_at(plain_values(stack.short, folder), "cluster", "name") or ""
    )
    owned = OwnedObjects(target, consequence="What `pulumi up` would remove is unknown.")
    try:
        beside = owned.look((), _kinds(state), mark.selector).beside
    finally:
        owned.close()
    unknown = made_by(beside, mark).keys() - {each.reference for each in state.objects}
    if not unknown:
        return RemovedByUp()
    made = _made_by_the_file(stack.short)
    return RemovedByUp(objects=tuple(sorted(unknown - (made or frozenset()))), is_certain=made is not None)


def _made_by_the_file(stack: str) -> frozenset[ObjectReference] | None:
    """What the stack makes; None where it is refused."""
    from gitops.rendered.stack_objects import render_stack  # here and not above: it loads Pulumi, and is rarely needed

    rendered = render_stack(stack)
    return None if rendered.problems else frozenset(reference_of(each.body) for each in rendered.objects)


def _kinds(state: StackState) -> Iterator[WantedObject]:
    """One object of each kind that `up` looks at, but for CRDs and namespaces, which stay."""
    found: dict[tuple[str, str], WantedObject] = {}
    for each in state.objects:
        if each.reference.kind == "CustomResourceDefinition":
            kind, version = str(at(each.body, "spec", "names", "kind")), _stored_version(each.body)
            if version and kind in KINDS and KINDS[kind].controller:
                found[version, kind] = any_of_kind(version, kind, FLUX_NAMESPACE)
        elif not each.is_definition:
            version, kind = str(each.body.get("apiVersion")), each.reference.kind
            found.setdefault((version, kind), any_of_kind(version, kind, each.reference.namespace and FLUX_NAMESPACE))
    for version, kind in _ALWAYS:
        found[version, kind] = any_of_kind(version, kind, FLUX_NAMESPACE)
    yield from found.values()


def _stored_version(definition: Any) -> str | None:
    stored = (at(each, "name") for _, each in entries(definition, "spec", "versions") if at(each, "storage") is True)
    name = next(stored, None)
    return f"{at(definition, 'spec', 'group')}/{name}" if name else None
