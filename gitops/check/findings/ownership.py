"""Objects that would have two owners."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from flux.kinds import api_group
from flux.message import Message
from flux.object_reference import FLUX_NAMESPACE
from flux.prune import DISABLED, PRUNE
from gitops.check import requirements
from gitops.check.file_finding import FileFinding, error, warning
from gitops.check.follow.built_object import BuiltObject
from gitops.check.follow.made_by_others import made_by
from gitops.check.follow.synced import World
from gitops.check.repository.documents import items, mapping, text
from gitops.check.repository.tree import Tree

_IMAGE = re.compile(r"(^|/)fluxcd/(source|kustomize|helm|notification|image-reflector|image-automation)-controller[:@]")
_POD = ("spec", "template", "spec")


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
    group = api_group(text(plain, "apiVersion"))
    return OwnObject(group, text(plain, "kind"), text(plain, "metadata", "namespace"), text(plain, "metadata", "name"))


def ownership_findings(world: World, own: Iterable[OwnObject]) -> Iterator[FileFinding]:
    """Objects in a synced path that the stack itself makes, or that belong to another installation of Flux."""
    made = set(own)
    for synced, result in world.built:
        if synced.is_for_another_cluster:
            continue
        for item in result.objects:
            for kind, namespace, name in made_by(item):
                if OwnObject("", kind, namespace, name) in made:
                    told = Message(
                        f"{item} makes {kind}/{namespace}/{name}, which is created by this stack (Pulumi)",
                        "Each owner would undo the other's changes.",
                        "Remove it from Git, or give what it makes another name.",
                    )
                    yield error(requirements.OWNED_BY_STACK, *world.tree_of(synced).origin(item.file), told, item.line, item.reference)
            why = _owned(item, made)
            if not why:
                continue
            is_harmless = item.kind == "Namespace" and _is_kept(item)
            told = Message(
                f"{_becomes(world.tree_of(synced), item)} {why}, and {synced} also applies it from here",
                f"Each owner would undo the other's changes{'' if is_harmless else ', and pruning would delete the object'}.",
                "Remove it from Git, or from the stack.",
            )
            find = warning if is_harmless else error
            yield find(requirements.OWNED_BY_STACK, *world.tree_of(synced).origin(item.file), told, item.line, item.reference)


def _is_kept(item: BuiltObject) -> bool:
    """Whether Flux never prunes it: two that apply a Namespace do no harm then."""
    return any(mapping(item.body, "metadata", where).get(PRUNE) == DISABLED for where in ("annotations", "labels"))


def _becomes(tree: Tree, item: BuiltObject) -> str:
    """The object, and its name in the file where that is another: kustomize names a Namespace after the one that it sets."""
    written = next((text(each.value, "metadata", "name") for each in tree.documents(item.file) or [] if each.line == item.line), "")
    if item.kind != "Namespace" or written in ("", item.name):
        return str(item)
    return f"Namespace/{written} becomes {item} through `namespace` or targetNamespace, which"


def is_bootstrapped(file: str) -> bool:
    """Whether `flux bootstrap` wrote it."""
    return PurePosixPath(file).name.startswith("gotk-")


def _owned(item: BuiltObject, made: set[OwnObject]) -> str:
    if made & {OwnObject(item.group, item.kind, namespace, item.name) for namespace in (item.namespace, "")}:
        return "is created by this stack (Pulumi)"
    if item.kind == "Namespace" and not item.group and item.name == FLUX_NAMESPACE:
        return "is created by this stack (Pulumi)"
    if item.kind == "Deployment" and any(_IMAGE.search(text(each, "image")) for each in items(mapping(item.body, *_POD), "containers")):
        return "runs a controller of Flux, which this stack (Pulumi) installs"
    part_of_flux = text(item.body, "metadata", "labels", "app.kubernetes.io/part-of") == "flux"
    if item.kind == "FluxInstance" or (part_of_flux and item.kind in ("Deployment", "CustomResourceDefinition")):
        return "belongs to Flux itself, which this stack (Pulumi) installs"
    if is_bootstrapped(item.file):
        return "belongs to a Flux that `flux bootstrap` installed, but this stack (Pulumi) installs Flux"
    return ""
