"""What one Flux object needs of others: sources, Providers, ImageRepositories, and what it waits for."""

from collections.abc import Iterator
from typing import NamedTuple

from flux.any_shape import entries, mapping, text
from flux.key_path import KeyPath
from flux.object_reference import ObjectReference
from flux.rules.plan import PlannedObject

_SOURCES: dict[str, tuple[tuple[str, ...], ...]] = {
    "Kustomization": (("sourceRef",),),
    "HelmRelease": (("chart", "spec", "sourceRef"), ("chartRef",)),
    "HelmChart": (("sourceRef",),),
    "ImageUpdateAutomation": (("sourceRef",),),
}
"""Kind → where it names a source."""
_LISTS = {"ArtifactGenerator": "sources", "Alert": "eventSources", "Receiver": "resources"}
"""Kind → where it lists the objects that it reads or listens to."""


_IN_ITS_NAMESPACE = frozenset({"GitRepository", "Alert", "HelmChart"})
"""Kinds that name others without a namespace."""


class Reference(NamedTuple):
    """That one object names another."""

    path: KeyPath
    target: ObjectReference
    needed: bool = True
    """Without the other, nothing happens; not so for those that are only listened to."""
    across_namespaces: bool = True
    """Whether it has a field for the namespace of the other."""


def references_of(item: PlannedObject) -> Iterator[Reference]:
    """What `item` refers to, other than by dependsOn, and other than Secrets and ConfigMaps."""
    for path in _SOURCES.get(item.kind, ()):
        found = mapping(item.spec, *path)
        yield from _reference(item, ("spec", *path), text(found, "kind"), text(found, "namespace"), text(found, "name"))
    if item.kind == "GitRepository":
        for at_entry, entry in entries(item.spec, "include"):
            yield from _reference(item, ("spec", *at_entry, "repository"), item.kind, None, text(entry, "repository", "name"))
    elif item.kind == "Alert":
        yield from _reference(item, ("spec", "providerRef"), "Provider", None, text(item.spec, "providerRef", "name"))
    elif item.kind == "ImagePolicy":
        found = mapping(item.spec, "imageRepositoryRef")
        yield from _reference(item, ("spec", "imageRepositoryRef"), "ImageRepository", text(found, "namespace"), text(found, "name"))
    listed = _LISTS.get(item.kind)
    for at_entry, entry in entries(item.spec, listed) if listed else ():
        needed = item.kind == "ArtifactGenerator"
        yield from _reference(item, ("spec", *at_entry), text(entry, "kind"), text(entry, "namespace"), text(entry, "name"), needed=needed)


def dependencies(item: PlannedObject) -> list[tuple[KeyPath, ObjectReference]]:
    """What `item` waits for by dependsOn, each with its path; not what is meant to be of another kind, which it cannot wait for."""
    found = []
    for path, entry in entries(item.spec, "dependsOn"):
        if (name := text(entry, "name")) and entry.get("kind") in (None, item.kind):
            namespace = text(entry, "namespace") or item.namespace
            found.append((("spec", *path), ObjectReference(item.kind, namespace, name)))
    return found


def _reference(
    item: PlannedObject, path: KeyPath, kind: str | None, namespace: str | None, name: str | None, *, needed: bool = True
) -> Iterator[Reference]:
    if kind and name:
        across = item.kind not in _IN_ITS_NAMESPACE
        yield Reference(path, ObjectReference(kind, namespace or item.namespace, name), needed, across)
