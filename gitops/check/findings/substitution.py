"""What Kustomizations substitute from: it must exist before it is needed, in the namespace in which Flux looks."""

import re
from collections.abc import Iterable, Iterator

from flux.bodies import NOT_INHERITED_LABEL
from flux.listing import more
from flux.message import Message
from flux.object_reference import FLUX_NAMESPACE
from gitops.check import requirements
from gitops.check.file_finding import FileFinding, error, warning
from gitops.check.findings.ownership import OwnObject
from gitops.check.follow.made_by_others import ObjectOfAController
from gitops.check.follow.synced import Synced, World
from gitops.check.repository.documents import text


def namespace_findings(world: World, own: Iterable[OwnObject]) -> Iterator[FileFinding]:
    """Kustomizations that substitute from what is only in flux-system, while Flux looks in their own namespace.

    This happens by
    inheritance: the name is inherited, the object is not.
    """
    items = [item for _, result in world.built for item in result.objects]
    brought = {(item.kind, item.namespace, item.name) for item in items}
    there = {(each.kind, each.name) for each in own if each.namespace == FLUX_NAMESPACE}
    there |= {(kind, name) for kind, namespace, name in brought if namespace == FLUX_NAMESPACE}
    for synced, _ in world.built:
        if synced.namespace == FLUX_NAMESPACE:
            continue
        missing = [
            (kind, name)
            for kind, name in _required(synced)
            if (kind, name) in there and not world.variable_sources.is_made(kind, synced.namespace, name)
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


def missing_source_findings(world: World) -> Iterator[FileFinding]:
    """What Kustomizations substitute from although nothing that was read creates it: one warning for each such object."""
    missing: dict[ObjectOfAController, list[Synced]] = {}
    for synced, _ in world.built:
        if synced.is_elsewhere:
            continue
        for made in world.variables_of(synced).missing:
            kind, namespace, name = made
            if namespace == FLUX_NAMESPACE or not world.variable_sources.is_made(kind, FLUX_NAMESPACE, name):
                missing.setdefault(made, []).append(synced)
    for (kind, namespace, name), needed_by in missing.items():
        synced = min(needed_by, key=lambda each: (*each.place, each.line))
        others = f" (and {more(len(needed_by) - 1, 'Kustomization')})" if len(needed_by) > 1 else ""
        told = Message(
            f"{synced} substitutes from {kind}/{namespace}/{name}, which nothing that was checked creates{others}",
            "If it does not exist, every build fails. Its variables were not checked.",
            _without_a_hash(world, kind, namespace, name) or "Add it to a path that is applied before, or write optional: true.",
        )
        yield warning(requirements.SUBSTITUTES_FROM_NOWHERE, *synced.place, told, synced.line, synced.reference)


def _without_a_hash(world: World, kind: str, namespace: str, name: str) -> str:
    """What to write if a generator makes it under a name with a hash, which kustomize does not put into `substituteFrom`."""
    hashed = re.compile(rf"{re.escape(name)}-[0-9a-z]{{10}}")
    found = (each for is_kind, where, each in world.variable_sources.contents if (is_kind, where) == (kind, namespace))
    generated = next(filter(hashed.fullmatch, found), "")
    return f"Write options: {{disableNameSuffixHash: true}} in its generator, which calls it {generated}." if generated else ""


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
