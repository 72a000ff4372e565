"""What each Kustomization applies, object by object, with the variables that Flux puts into them."""

from collections import ChainMap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from flux.kinds import api_group
from gitops.check.follow.known_variables import KnownVariables, VariableSources, substituted
from gitops.check.follow.made_by_others import ObjectOfAController
from gitops.check.follow.synced import KUSTOMIZE_GROUP, Synced, World
from gitops.check.repository.documents import mapping, text
from gitops.rendered.stack_view import ObjectId

Owner = tuple[str, str]
"""Namespace and name of a Kustomization."""
_SECRETS = Mapping[tuple[ObjectOfAController, str], Any]


@dataclass(frozen=True, kw_only=True)
class AppliedObject:
    """An object as Flux would apply it, and the file that it is written in."""

    which: ObjectId
    body: Mapping[str, Any] = field(repr=False)
    repository: str
    file: str
    line: int

    def says(self, key: str, *values: str) -> bool:
        """Whether a label or an annotation of Flux, like `prune`, has one of these values. Flux does not mind capitals."""
        written = (mapping(self.body, "metadata", where).get(f"{KUSTOMIZE_GROUP}/{key}") for where in ("labels", "annotations"))
        return any(isinstance(value, str) and value.lower() in values for value in written)

    @property
    def is_left_alone(self) -> bool:
        """Whether Flux reads it and applies nothing of it."""
        return self.says("ssa", "ignore") or self.says("reconcile", "disabled")


@dataclass(frozen=True, kw_only=True)
class Applied:
    """A Kustomization and its objects."""

    synced: Synced
    objects: Mapping[ObjectId, AppliedObject]


def owner_of(synced: Synced) -> Owner:
    """What it is called."""
    return synced.namespace, synced.name


def applied_in(world: World, before: World | None = None) -> dict[Owner, Applied]:
    """Every Kustomization that was built.

    A mark stands for the value of a secret variable: another one where the value is not the same as in `before`.
    """
    variables = _marked(world, _secret_values(before) if before else {})
    found: dict[Owner, Applied] = {}
    for synced, result in world.built:
        if synced.is_for_another_cluster:
            continue
        known = variables.of(synced.namespace, synced.spec)
        tree = world.tree_of(synced)
        objects: dict[ObjectId, AppliedObject] = {}
        for item in result.objects:
            body = substituted({key: value for key, value in item.body.items() if key != "sops"}, _with_names(known))
            which = object_id(body)
            repository, file = tree.origin(item.file)
            objects[which] = AppliedObject(which=which, body=body, repository=repository, file=file, line=item.line)
        found[owner_of(synced)] = Applied(synced=synced, objects=objects)
    return found


def object_id(body: Mapping[str, Any]) -> ObjectId:
    """What an object is called; empty where it lacks a part."""
    group = api_group(text(body, "apiVersion"))
    return group, text(body, "kind"), text(body, "metadata", "namespace"), text(body, "metadata", "name")


def _with_names(known: KnownVariables) -> KnownVariables:
    """With the name itself in place of an unknown variable: the rest of its text is compared all the same."""
    return known if known.is_all else replace(known, values=ChainMap(*known.values.maps, _Open()))


class _Open(dict[str, str | None]):
    """Has every variable that no other source has."""

    def __contains__(self, name: object) -> bool:
        return True

    def __missing__(self, name: str) -> str:
        return f"<variable {name}>"


def _marked(world: World, before: _SECRETS) -> VariableSources:
    now, sources = _secret_values(world), world.variable_sources
    contents: dict[ObjectOfAController, dict[str, str | None]] = {
        source: {name: value if value is not None else _mark(source, name, now, before) for name, value in entries.items()}
        for source, entries in sources.contents.items()
    }
    return replace(sources, contents=contents)


def _mark(source: ObjectOfAController, name: str, now: _SECRETS, before: _SECRETS) -> str:
    key = source, name
    differs = key in now and key in before and now[key] != before[key]
    return f"<{name} of {source[0]} {source[2]}{', changed' if differs else ''}>"


def _secret_values(world: World) -> dict[tuple[ObjectOfAController, str], Any]:
    """What stands in Git for the value of a secret variable: compared, and never shown."""
    return {((kind, namespace, name), key): value for kind, namespace, name, key, value in _entries(world)}


def _entries(world: World) -> Iterator[tuple[str, str, str, str, Any]]:
    for synced, result in world.built:
        if synced.is_for_another_cluster:
            continue
        for item in result.objects:
            if item.kind in ("Secret", "ConfigMap") and not item.group:
                for part in ("data", "stringData"):
                    for key, value in mapping(item.body, part).items():
                        yield item.kind, item.namespace, item.name, str(key), value
