"""What Kustomizations substitute from: it must exist before it is needed, in the namespace in which Flux looks."""

from collections.abc import Iterable, Iterator

from flux.bodies import NOT_INHERITED_LABEL
from flux.message import Message
from flux.object_reference import FLUX_NAMESPACE
from gitops.check import requirements
from gitops.check.file_finding import FileFinding, error
from gitops.check.findings.ownership import OwnObject
from gitops.check.follow.kustomize_build import BuiltObject
from gitops.check.follow.synced import Synced, World
from gitops.check.repository.documents import mapping, text

_COPIERS = ("reflector", "replicator")
"""In the names of annotations by which others copy a Secret or ConfigMap into further namespaces."""


def namespace_findings(world: World, own: Iterable[OwnObject]) -> Iterator[FileFinding]:
    """Kustomizations that substitute from what is only in flux-system, while Flux looks in their own namespace.

    This happens by
    inheritance: the name is inherited, the object is not.
    """
    items = [item for _, result in world.built for item in result.objects]
    brought = {(item.kind, item.namespace, item.name) for item in items}
    copied = {(item.kind, item.name) for item in items if _is_copied(item)}
    there = {(each.kind, each.name) for each in own if each.namespace == FLUX_NAMESPACE}
    there |= {(kind, name) for kind, namespace, name in brought if namespace == FLUX_NAMESPACE}
    for synced, _ in world.built:
        if synced.namespace == FLUX_NAMESPACE:
            continue
        missing = [
            (kind, name)
            for kind, name in _required(synced)
            if (kind, name) in there - copied and (kind, synced.namespace, name) not in brought
        ]
        if missing:
            names = " and ".join(f"{kind}/{synced.namespace}/{name}" for kind, name in missing)
            one = len(missing) == 1
            told = Message(
                f"{synced} substitutes from {names}, which nothing creates",
                f"{'It is' if one else 'They are'} only in {FLUX_NAMESPACE}, but Flux looks in {synced.namespace}: every build would fail.",
                f"Move the Kustomization to {FLUX_NAMESPACE}, with targetNamespace: {synced.namespace}. If it needs nothing that it "
                f'inherits, label it {NOT_INHERITED_LABEL}: "true"',
            )
            yield error(requirements.SUBSTITUTES_FROM_NOWHERE, synced.repository, synced.file, told, synced.line)


def substitution_findings(world: World, own: Iterable[OwnObject]) -> Iterator[FileFinding]:
    """Kustomizations that substitute from an object which only they apply: Flux builds before it applies, so they never start."""
    made = {(each.kind, each.namespace, each.name) for each in own}
    brought: dict[tuple[str, str, str], set[int]] = {}
    for index, (_, result) in enumerate(world.built):
        for item in result.objects:
            brought.setdefault((item.kind, item.namespace, item.name), set()).add(index)
    for index, (synced, result) in enumerate(world.built):
        for kind, name in _required(synced):
            key = (kind, synced.namespace, name)
            if key not in made and brought.get(key) == {index}:
                item = next(item for item in result.objects if (item.kind, item.namespace, item.name) == key)
                told = Message(
                    f"{synced} substitutes from {item}, which only this Kustomization applies",
                    "On an empty cluster, every build would fail.",
                    "Move the object to a separate path, with a Kustomization that this one names in dependsOn, or write optional: true.",
                )
                yield error(requirements.SUBSTITUTES_ITS_OWN, *world.tree_of(synced).origin(item.file), told, item.line)


def _required(synced: Synced) -> list[tuple[str, str]]:
    return [(text(entry, "kind"), text(entry, "name")) for entry in synced.substitutes_from if entry.get("optional") is not True]


def _is_copied(item: BuiltObject) -> bool:
    return any(copier in key for key in mapping(item.body, "metadata", "annotations") for copier in _COPIERS)
