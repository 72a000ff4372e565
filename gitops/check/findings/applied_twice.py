"""Objects that several Kustomizations apply."""

from collections.abc import Container, Iterator
from dataclasses import dataclass
from typing import Any

from flux.listing import more
from flux.message import Message
from gitops.check import requirements
from gitops.check.file_finding import FileFinding, error, warning
from gitops.check.findings.ownership import OwnObject
from gitops.check.follow.built_object import BuiltObject
from gitops.check.follow.known_variables import named
from gitops.check.follow.synced import KUSTOMIZE_GROUP, World
from gitops.check.repository.documents import mapping

_LEAVES_TO_OTHERS = frozenset({"ifnotpresent", "ignore", "merge"})
"""Values of the annotation `ssa` with which Flux does not take an object over."""
_SSA = f"{KUSTOMIZE_GROUP}/ssa"
_MOST_NAMED = 2


@dataclass(frozen=True)
class _Applied:
    by: int
    """Which of the built Kustomizations."""
    item: BuiltObject


def applied_twice_findings(world: World, own: Container[OwnObject]) -> Iterator[FileFinding]:
    """One finding for all objects that the same Kustomizations apply.

    It is an error if that is all that one of them applies, or if they apply different things under one name; else a warning.
    """
    applied = _by_object(world, own)
    places = [(*synced.place, synced.line, synced.namespace, synced.name) for synced, _ in world.built]
    together: dict[tuple[int, ...], list[list[_Applied]]] = {}
    counts: dict[int, int] = {}
    for each in applied.values():
        owners = tuple(sorted({one.by for one in each}, key=places.__getitem__))
        for owner in owners:
            counts[owner] = counts.get(owner, 0) + 1
        if len(owners) > 1:
            together.setdefault(owners, []).append(each)
    for owners, objects in together.items():
        yield _finding(world, owners, objects, is_whole=any(counts[owner] == len(objects) for owner in owners))


def _by_object(world: World, own: Container[OwnObject]) -> dict[tuple[str, ...], list[_Applied]]:
    applied: dict[tuple[str, ...], list[_Applied]] = {}
    for index, (synced, result) in enumerate(world.built):
        if synced.spec.get("suspend") is True or synced.is_elsewhere:
            continue
        cluster = repr(synced.spec["kubeConfig"]) if synced.spec.get("kubeConfig") else ""
        known = world.variables_of(synced)
        for built in result.objects:
            item = named(built, known)
            if "${" in item.name + item.namespace or _is_left_to_others(item):
                continue
            if OwnObject(item.group, item.kind, item.namespace, item.name) not in own:
                applied.setdefault((cluster, item.group, item.kind, item.namespace, item.name), []).append(_Applied(index, item))
    return applied


def _finding(world: World, owners: tuple[int, ...], objects: list[list[_Applied]], *, is_whole: bool) -> FileFinding:
    names = {one.item.reference for each in objects for one in each if one.item.group == KUSTOMIZE_GROUP}
    its_own = [owner for owner in owners if world.built[owner][0].reference in names]
    last = its_own[0] if its_own else owners[1]
    first, second = (world.built[owner][0] for owner in (next(owner for owner in owners if owner != last), last))
    item = next(each.item for each in objects[0] if each.by == last)
    with_it = f" and {more(len(objects) - 1, 'object')}" if len(objects) > 1 else ""
    others = f" and {more(len(owners) - _MOST_NAMED, 'Kustomization')}" if len(owners) > _MOST_NAMED else ""
    applies = f"applies its own path: itself{with_it}" if its_own else f"applies {item}{with_it}"
    told = Message(
        f"{second} {applies}, which {first}{others} also {'apply' if others else 'applies'}",
        "Each would undo the other's changes, and prune what the other applies.",
        "Give each object to one Kustomization.",
    )
    differs = any(_content(one.item) != _content(each[0].item) for each in objects for one in each)
    find = error if is_whole or differs else warning
    if is_whole and second.file:
        return find(requirements.APPLIED_TWICE, *second.place, told, second.line, second.reference)
    return find(requirements.APPLIED_TWICE, *world.tree_of(second).origin(item.file), told, item.line, item.reference)


def _content(item: BuiltObject) -> dict[str, Any]:
    """An object without its metadata, to which each Kustomization may add its own labels."""
    return {key: value for key, value in item.body.items() if key != "metadata"}


def _is_left_to_others(item: BuiltObject) -> bool:
    metadata = mapping(item.body, "metadata")
    written = (mapping(metadata, where).get(_SSA) for where in ("annotations", "labels"))
    return any(isinstance(value, str) and value.lower() in _LEAVES_TO_OTHERS for value in written)
