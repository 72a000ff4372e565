"""Objects that would have two owners."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from flux.message import Message
from gitops.check import requirements
from gitops.check.file_finding import FileFinding, error
from gitops.check.follow.kustomize_build import BuiltObject
from gitops.check.follow.synced import World
from gitops.check.repository.documents import text


@dataclass(frozen=True, order=True)
class OwnObject:
    """An object that the stack makes; this check ignores its values."""

    group: str
    kind: str
    namespace: str
    name: str


def own_object(body: Mapping[str, Any]) -> OwnObject:
    """The identity of a body that the stack registers."""
    plain = dict(body)
    group = text(plain, "apiVersion").rpartition("/")[0]
    return OwnObject(group, text(plain, "kind"), text(plain, "metadata", "namespace"), text(plain, "metadata", "name"))


def ownership_findings(world: World, own: Iterable[OwnObject]) -> Iterator[FileFinding]:
    """Objects in a synced path that the stack itself makes, or that belong to another installation of Flux."""
    made = set(own)
    for synced, result in world.built:
        if synced.spec.get("kubeConfig"):
            continue  # another cluster
        for item in result.objects:
            why = _owned(item, made)
            if why:
                told = Message(
                    f"{item} {why}, and {synced} also applies it from here",
                    "Each owner would undo the other's changes, and pruning would delete the object.",
                    "Remove it from Git, or from the stack.",
                )
                yield error(requirements.OWNED_BY_STACK, *world.tree_of(synced).origin(item.file), told, item.line, item.reference)


def _owned(item: BuiltObject, made: set[OwnObject]) -> str:
    if made & {OwnObject(item.group, item.kind, namespace, item.name) for namespace in (item.namespace, "")}:
        return "is created by this stack (Pulumi)"
    part_of_flux = text(item.body, "metadata", "labels", "app.kubernetes.io/part-of") == "flux"
    if item.kind == "FluxInstance" or (part_of_flux and item.kind in ("Deployment", "CustomResourceDefinition")):
        return "belongs to Flux itself, which this stack (Pulumi) installs"
    if PurePosixPath(item.file).name.startswith("gotk-"):
        return "belongs to a Flux that `flux bootstrap` installed, but this stack (Pulumi) installs Flux"
    return ""
