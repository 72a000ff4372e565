"""Which Kustomizations sync what: those of the stack, and those that they bring, and so on."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flux.bodies import KUSTOMIZE_API, STACK_VARIABLES_CONFIG_MAP
from flux.message import Message
from flux.object_reference import FLUX_NAMESPACE
from gitops.check import requirements
from gitops.check.file_finding import FileFinding, warning
from gitops.check.follow.kustomize_build import Build, BuiltObject, build
from gitops.check.repository.documents import items, mapping, text
from gitops.check.repository.included import Includes, artifact, with_included
from gitops.check.repository.tree import Tree

KUSTOMIZE_GROUP = KUSTOMIZE_API.partition("/")[0]
Fetch = Callable[[list[str]], Mapping[str, Tree]]
"""Names of GitRepositories of the stack → those that could be checked out."""

_VARIABLE = re.compile(r"\$\{(?P<name>\w+)(?::?[-=](?P<default>[^}]*))?\}")


@dataclass(frozen=True, kw_only=True)
class Synced:
    """A Kustomization of Flux."""

    namespace: str
    name: str
    spec: dict[str, Any]
    repository: str = ""
    """The repository it was found in; empty for one of the stack."""
    file: str = ""
    line: int = 0

    @property
    def source(self) -> tuple[str, str, str]:
        """Kind, namespace and name of what it applies from."""
        reference = mapping(self.spec, "sourceRef")
        return text(reference, "kind"), text(reference, "namespace") or self.namespace, text(reference, "name")

    @property
    def decrypts(self) -> bool:
        """Whether it decrypts what SOPS encrypted."""
        return text(self.spec, "decryption", "provider") == "sops"

    @property
    def substitutes_from(self) -> list[dict[str, Any]]:
        """What it takes variables from."""
        return [entry for entry in items(mapping(self.spec, "postBuild"), "substituteFrom") if isinstance(entry, dict)]

    def __str__(self) -> str:
        """`Kustomization cluster-apps`."""
        return f"Kustomization {self.name}" if self.namespace == FLUX_NAMESPACE else f"Kustomization {self.namespace}/{self.name}"


@dataclass(kw_only=True)
class World:
    """Everything that the cluster syncs, as far as it could be followed."""

    built: list[tuple[Synced, Build]] = field(default_factory=list)
    trees: dict[str, Tree] = field(default_factory=dict)
    """Source → its own files."""
    artifacts: dict[str, Tree] = field(default_factory=dict)
    """Source → what the cluster gets of it, with what it includes of others."""
    findings: list[FileFinding] = field(default_factory=list)

    def tree_of(self, synced: Synced) -> Tree:
        """What a Kustomization applies from."""
        return self.artifacts[synced.source[2]]


def follow(
    kustomizations: Iterable[Synced], sources: frozenset[str], fetch: Fetch, variables: Mapping[str, str], includes: Includes
) -> World:
    """Build every Kustomization that leads to a Git source of the stack (`sources`), the ones found on the way too."""
    world = World()
    waiting = list(kustomizations)
    seen = {(each.namespace, each.name) for each in waiting}
    while waiting:
        here = [each for each in waiting if _is_followed(each, sources, world)]
        names = {each.source[2] for each in here}
        world.trees.update(fetch(sorted((with_included(names, includes) & sources) - world.trees.keys())))
        for name in sorted(names & world.trees.keys() - world.artifacts.keys()):
            world.artifacts[name] = artifact(name, world.trees, includes, world.findings)
        round_built = [
            (each, build(world.tree_of(each), text(each.spec, "path"), each.spec, str(each)))
            for each in here
            if each.source[2] in world.artifacts
        ]
        world.built += round_built
        waiting = []
        for parent, result in round_built:
            known = _variables(world, parent, variables)
            for item in result.objects:
                if item.group == KUSTOMIZE_GROUP and item.kind == "Kustomization":
                    child = _child(world, parent, item, known)
                    if (child.namespace, child.name) not in seen:
                        seen.add((child.namespace, child.name))
                        waiting.append(child)
    world.findings += [finding for _, result in world.built for finding in result.findings]
    return world


def _is_followed(each: Synced, sources: frozenset[str], world: World) -> bool:
    kind, namespace, name = each.source
    if kind == "GitRepository" and namespace == FLUX_NAMESPACE and name in sources and "${" not in text(each.spec, "path"):
        return True
    what = f"the path {text(each.spec, 'path')}" if "${" in text(each.spec, "path") else f"{kind}/{namespace}/{name}"
    why = "contains a variable that is known only in the cluster" if "${" in what else "is not a Git source of this stack"
    told = Message(f"{each} applies from {what}, which {why}", "What it applies was not checked.", "Check it yourself.")
    world.findings.append(warning(requirements.NOT_CHECKED, each.repository or name, each.file, told, each.line))
    return False


def _child(world: World, parent: Synced, item: BuiltObject, known: Mapping[str, str]) -> Synced:
    repository, file = world.tree_of(parent).origin(item.file)
    return Synced(
        namespace=item.namespace or parent.namespace,
        name=item.name,
        spec=_substituted(mapping(item.body, "spec"), known) if known else mapping(item.body, "spec"),
        repository=repository,
        file=file,
        line=item.line,
    )


def _variables(world: World, synced: Synced, stack_variables: Mapping[str, str]) -> dict[str, str]:
    """What a Kustomization substitutes, as far as it is in plain text."""
    known: dict[str, str] = {}
    for entry in synced.substitutes_from:
        if text(entry, "kind") != "ConfigMap":
            continue
        if text(entry, "name") == STACK_VARIABLES_CONFIG_MAP:
            known |= stack_variables
        for _, result in world.built:
            for item in result.objects:
                if (item.kind, item.namespace, item.name) == ("ConfigMap", synced.namespace, text(entry, "name")):
                    known |= {key: str(value) for key, value in mapping(item.body, "data").items()}
    return known | {key: str(value) for key, value in mapping(synced.spec, "postBuild", "substitute").items()}


def _substituted(value: Any, known: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _substituted(item, known) for key, item in value.items()}
    if isinstance(value, list):
        return [_substituted(item, known) for item in value]
    if isinstance(value, str):
        return _VARIABLE.sub(lambda found: known.get(found["name"], found["default"] if found["default"] is not None else found[0]), value)
    return value
