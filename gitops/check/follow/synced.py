"""Which Kustomizations sync what: those of the stack, and those that they bring, and so on."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flux.bodies import KUSTOMIZE_API, STACK_VARIABLES_CONFIG_MAP
from flux.message import Message
from flux.object_reference import FLUX_NAMESPACE
from gitops.check import requirements
from gitops.check.file_finding import FileFinding, error, warning
from gitops.check.follow.kustomize_build import Build, BuiltObject, build
from gitops.check.repository.documents import items, mapping, text
from gitops.check.repository.included import Includes, artifact, with_included
from gitops.check.repository.tree import Tree

KUSTOMIZE_GROUP = KUSTOMIZE_API.partition("/")[0]
Fetch = Callable[[list[str]], Mapping[str, Tree]]
"""Names of GitRepositories of the stack → those that could be checked out."""

_MOST_STEPS_OF_ALL = 1_500_000
"""Of all builds together; each has its own bound, and a repository may have thousands of Kustomizations."""
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
    config_maps: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)
    """Namespace and name → what is in plain text."""
    steps: int = 0
    """How many objects all builds touched."""

    def add(self, built: Sequence[tuple[Synced, Build]]) -> None:
        """Note what was built."""
        self.built += built
        for _, result in built:
            for item in result.objects:
                if item.kind == "ConfigMap":
                    data = {key: str(value) for key, value in mapping(item.body, "data").items()}
                    self.config_maps.setdefault((item.namespace, item.name), {}).update(data)

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
        round_built = [(each, result) for each in here if each.source[2] in world.artifacts and (result := _built(world, each))]
        world.add(round_built)
        waiting = []
        for parent, result in round_built:
            children = [item for item in result.objects if item.group == KUSTOMIZE_GROUP and item.kind == "Kustomization"]
            known = _variables(world, parent, variables) if children else {}
            for item in children:
                child = _child(world, parent, item, known)
                if (child.namespace, child.name) not in seen:
                    seen.add((child.namespace, child.name))
                    waiting.append(child)
    world.findings += [finding for _, result in world.built for finding in result.findings]
    return world


def _built(world: World, each: Synced) -> Build | None:
    """What a Kustomization applies; None, after a finding, once all before it took more time than a check has."""
    if world.steps > _MOST_STEPS_OF_ALL:
        told = Message(
            f"{each} was not built: those before it took more than {_MOST_STEPS_OF_ALL:,} steps",
            "What it applies was not checked.",
            "Apply fewer objects, patches and copies of directories.",
        )
        world.findings.append(error(requirements.NOT_CHECKED, each.repository or each.source[2], each.file, told, each.line))
        return None
    result = build(world.tree_of(each), text(each.spec, "path"), each.spec, str(each))
    world.steps += result.steps
    return result


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
    for name in [text(entry, "name") for entry in synced.substitutes_from if text(entry, "kind") == "ConfigMap"]:
        known |= stack_variables if name == STACK_VARIABLES_CONFIG_MAP else {}
        known |= world.config_maps.get((synced.namespace, name), {})
    return known | {key: str(value) for key, value in mapping(synced.spec, "postBuild", "substitute").items()}


def _substituted(value: Any, known: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _substituted(item, known) for key, item in value.items()}
    if isinstance(value, list):
        return [_substituted(item, known) for item in value]
    if isinstance(value, str):
        return _VARIABLE.sub(lambda found: known.get(found["name"], found["default"] if found["default"] is not None else found[0]), value)
    return value
