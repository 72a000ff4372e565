"""The Flux objects that Git brings, and what else may make some."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from flux.close_names import likeness
from flux.kinds import KINDS, is_flux_api
from flux.object_reference import ObjectReference
from flux.rules.plan import Plan
from flux.rules.relations import references_of
from gitops.check.follow.built_object import BuiltObject
from gitops.check.follow.known_variables import substituted
from gitops.check.follow.synced import World
from gitops.check.repository.tree import Tree

_MAKERS = ("ResourceSet", "FluxInstance")
"""Kinds of the Flux operator, whose objects make Flux objects that no file shows."""
_MADE_BY_CONTROLLERS = ("ExternalArtifact", "HelmChart")
_MEANT = 0.9
"""How like an API group of Flux another must be to be a misspelt one."""
_LONGEST_GROUP = 60


@dataclass(frozen=True, eq=False)
class GitObject:
    """A Flux object that a repository brings."""

    written: Mapping[str, Any]
    """As kustomize builds it."""
    body: Mapping[str, Any]
    """With the variables that are known."""
    reference: ObjectReference
    tree: Tree = field(repr=False)
    """What it is applied from."""
    path: str
    """Its file there; `repository` and `file` are where it can be changed."""
    repository: str
    file: str
    line: int


def flux_objects(world: World) -> Iterator[GitObject]:
    """The Flux objects that Git brings to this cluster, each once for each place and name."""
    seen = set()
    for synced, result in world.built:
        if synced.is_for_another_cluster:
            continue
        known = world.variables_of(synced)
        tree = world.tree_of(synced)
        for item in result.objects:
            if not (is_flux_api(item.group) or _is_misspelt(item)):
                continue
            body = substituted({key: value for key, value in item.body.items() if key != "sops"}, known)
            reference = _reference(item.kind, body)
            repository, file = tree.origin(item.file)
            key = (reference, repository, file, item.line)
            if key not in seen:
                seen.add(key)
                yield GitObject(item.body, body, reference, tree, item.file, repository, file, item.line)


def makers(world: World, plan: Plan) -> Iterator[ObjectReference]:
    """Whatever makes Flux objects in this cluster that no file shows: charts, and Kustomizations that were not built, or not wholly.

    What has no source makes nothing: it counts only if all that it refers to exists.
    """
    unread = {each.reference for each in world.not_built} | {synced.reference for synced, result in world.built if result.findings}
    for item in plan.of_kind("HelmRelease", "Kustomization"):
        makes = item.reference in unread if item.kind == "Kustomization" else item.is_in_git
        if makes and all(_exists(plan, each.target) for each in references_of(item)):
            yield item.reference
    for synced, result in world.built:
        if not synced.is_for_another_cluster:
            yield from (item.reference for item in result.objects if item.kind in _MAKERS and "fluxcd" in item.group)


def values_in(value: Any, most: int) -> int:
    """How many values are in `value`; more than `most` are not counted."""
    count, waiting = 0, [value]
    while waiting and count <= most:
        each = waiting.pop()
        count += 1
        if isinstance(each, dict):
            waiting += each.values()
        elif isinstance(each, list):
            waiting += each
    return count


def _exists(plan: Plan, target: ObjectReference) -> bool:
    return target.kind in _MADE_BY_CONTROLLERS or plan.find(target) is not None or plan.is_unknown(target)


def _is_misspelt(item: BuiltObject) -> bool:
    """Whether its kind is one of Flux's, and its API group nearly."""
    meant = KINDS[item.kind].api_group if item.kind in KINDS else ""
    if not meant or not item.group or len(item.group) > _LONGEST_GROUP:
        return False
    return likeness(item.group, meant) > _MEANT


def _reference(kind: str, body: Mapping[str, Any]) -> ObjectReference:
    metadata = body.get("metadata")
    called = metadata if isinstance(metadata, dict) else {}
    namespace, name = called.get("namespace"), called.get("name")
    return ObjectReference(kind, namespace if isinstance(namespace, str) else "", name if isinstance(name, str) else "")


def by_reference(items: Iterable[GitObject]) -> dict[ObjectReference | None, GitObject]:
    """The objects by name; of several of one name, the first."""
    found: dict[ObjectReference | None, GitObject] = {}
    for item in items:
        found.setdefault(item.reference, item)
    return found
