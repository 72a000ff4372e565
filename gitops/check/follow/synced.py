"""Which Kustomizations sync what: those of the stack, and those that they bring, and so on."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from flux.bodies import KUSTOMIZE_API
from flux.kinds import api_group
from flux.listing import more
from flux.message import Message
from flux.object_reference import FLUX_NAMESPACE, ObjectReference
from gitops.check import requirements
from gitops.check.file_finding import FileFinding, error, warning
from gitops.check.follow.built_object import BuiltObject
from gitops.check.follow.declared_source import (
    FOLLOWED_KINDS,
    MOST_ADMITTED,
    Admit,
    DeclaredSource,
    Meant,
    as_it_is,
    declared_in,
    nothing_admitted,
    source_key,
)
from gitops.check.follow.known_variables import KnownVariables, VariableSources, named, substituted
from gitops.check.follow.kustomize_build import Build, build
from gitops.check.repository.documents import items, mapping, text
from gitops.check.repository.included import Include, Includes, artifact, with_included
from gitops.check.repository.tree import Tree

KUSTOMIZE_GROUP = api_group(KUSTOMIZE_API)
Fetch = Callable[[list[str]], Mapping[str, Tree]]
"""Sources, as the check calls them → those that could be fetched."""

_MOST_STEPS_OF_ALL = 1_500_000
"""Of all builds together; each has its own bound, and a repository may have thousands of Kustomizations."""


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
    is_elsewhere: bool = False
    """Whether it is itself an object of another cluster."""

    @property
    def source(self) -> tuple[str, str, str]:
        """Kind, namespace and name of what it applies from."""
        reference = mapping(self.spec, "sourceRef")
        return text(reference, "kind"), text(reference, "namespace") or self.namespace, text(reference, "name")

    @property
    def source_key(self) -> str:
        """What the check calls the source."""
        return source_key(*self.source)

    @property
    def reference(self) -> ObjectReference:
        """What it is called."""
        return ObjectReference("Kustomization", self.namespace, self.name)

    @property
    def place(self) -> tuple[str, str]:
        """The repository and the file in which it is; for one of the stack, the repository that it applies from."""
        return self.repository or self.source_key, self.file

    @property
    def is_for_another_cluster(self) -> bool:
        """Whether it applies to a cluster that is not this one."""
        return self.is_elsewhere or bool(self.spec.get("kubeConfig"))

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
    not_built: list[Synced] = field(default_factory=list)
    """The Kustomizations of which it is unknown here what they apply."""
    not_followed: dict[str, list[Synced]] = field(default_factory=dict)
    """Of those, from where they apply and why that is not followed → which do so."""
    declared: dict[str, DeclaredSource] = field(default_factory=dict)
    """Sources that Git itself declares, by what the check calls them."""
    variable_sources: VariableSources = field(default_factory=VariableSources)
    steps: int = 0
    """How many objects all builds touched."""
    meant: Meant = as_it_is

    def add(self, built: Sequence[tuple[Synced, Build]]) -> None:
        """Note what was built."""
        self.built += built
        for synced, result in built:
            if synced.is_for_another_cluster:
                continue
            known = self.variables_of(synced)
            self.variable_sources.add(named(item, known) for item in result.objects)
            found = (declared_in(item, known, self.tree_of(synced).origin(item.file), self.meant) for item in result.objects)
            self.declared = {each.key: each for each in found if each} | self.declared

    def variables_of(self, synced: Synced) -> KnownVariables:
        """What Flux replaces in the objects of a Kustomization."""
        return self.variable_sources.of(synced.namespace, synced.spec)

    def tree_of(self, synced: Synced) -> Tree:
        """What a Kustomization applies from."""
        return self.artifacts[synced.source_key]


def follow(
    kustomizations: Iterable[Synced],
    sources: frozenset[str],
    fetch: Fetch,
    variables: Mapping[str, str],
    includes: Includes,
    secrets: Mapping[str, Iterable[str]] | None = None,
    admit: Admit = nothing_admitted,
    held: Mapping[tuple[str, str], Build] | None = None,
    meant: Meant = as_it_is,
) -> World:
    """Build every Kustomization that leads to a source of the stack (`sources`), the ones found on the way too.

    `variables` are those of the stack; `secrets`, the Secrets that it makes, with the names of their entries; `admit` says which of the
    sources that Git itself declares can be fetched. `held`: namespace and name of Kustomizations → what stays applied of them, whatever
    their path holds.
    """
    held = held or {}
    world = World(variable_sources=VariableSources.of_the_stack(variables, secrets or {}), meant=meant)
    known = _KnownSources(world, set(sources), dict(includes), admit)
    waiting = list(kustomizations)
    seen = {(each.namespace, each.name) for each in waiting}
    while here := [each for each in waiting if known.has(each)]:
        waiting = [each for each in waiting if not known.has(each)]  # their source may be declared in what is built now
        known.fetch({each.source_key for each in here}, fetch)
        world.not_built += [each for each in here if each.source_key not in world.artifacts]
        round_built = [
            (each, result)
            for each in here
            if each.source_key in world.artifacts and (result := held.get((each.namespace, each.name)) or _built(world, each))
        ]
        world.add(round_built)
        for parent, result in round_built:
            children = [item for item in result.objects if item.group == KUSTOMIZE_GROUP and item.kind == "Kustomization"]
            variables_of_parent = world.variables_of(parent)
            for item in children:
                child = _child(world, parent, item, variables_of_parent)
                if (child.namespace, child.name) not in seen:
                    seen.add((child.namespace, child.name))
                    waiting.append(child)
    for each in waiting:
        world.not_followed.setdefault(known.why_not(each), []).append(each)
        world.not_built.append(each)
    world.findings += _not_checked(world)
    world.findings += [_placed(finding, each) for each, result in world.built for finding in result.findings]
    return world


class _KnownSources:
    """The sources that can be fetched: those of the stack, and those of Git that were asked for and admitted."""

    def __init__(self, world: World, names: set[str], includes: dict[str, Sequence[Include]], admit: Admit) -> None:
        self.names, self.includes = names, includes
        self._world, self._admit = world, admit
        self._answers: dict[str, str] = {}
        self._fetched: dict[str, str] = {}
        """What was asked for → the name of its tree: several sources may be one repository."""

    def fetch(self, keys: Collection[str], fetch: Fetch) -> None:
        """Bring the artifacts of these sources, as far as they can be had."""
        wanted = (with_included(keys, self.includes) & self.names) - self._fetched.keys()
        trees = fetch(sorted(wanted)) if wanted else {}
        self._fetched |= {key: trees[key].name if key in trees else "" for key in wanted}
        self._world.trees.update({tree.name: tree for tree in trees.values()})
        for key in sorted(set(keys) - self._world.artifacts.keys()):
            if name := self._fetched.get(key):
                self._world.artifacts[key] = artifact(name, self._world.trees, self.includes, self._world.findings)

    def has(self, each: Synced) -> bool:
        """Whether what a Kustomization applies from can be fetched, as far as is known by now."""
        if _open_path(each) or each.source[0] not in FOLLOWED_KINDS:
            return False
        return each.source_key in self.names or self._admitted(each.source_key)

    def _admitted(self, key: str) -> bool:
        declared = self._world.declared.get(key)
        if declared is None:
            return False
        if key not in self._answers:
            is_one_too_many = len(self._answers) >= MOST_ADMITTED
            self._answers[key] = f"is one of more than {MOST_ADMITTED} sources in Git" if is_one_too_many else self._admit(declared)
        if self._answers[key]:
            return False
        self.names.add(key)
        self.includes[key] = declared.includes
        for each in declared.includes:
            if each.repository not in self.names | self._answers.keys():
                self._admitted(each.repository)
        return True

    def why_not(self, each: Synced) -> str:
        """From where a Kustomization applies, and why that is not followed."""
        if path := _open_path(each):
            return f"the path {path}, which contains a variable that is known only in the cluster"
        kind, namespace, name = each.source
        other = "is not a source of this stack" if kind in FOLLOWED_KINDS else "is neither a GitRepository nor an OCIRepository"
        return f"{kind}/{namespace}/{name}, which {self._answers.get(each.source_key) or other}"


def _open_path(each: Synced) -> str:
    """The path, if it contains a variable."""
    path = text(each.spec, "path")
    return path if "${" in path else ""


def _built(world: World, each: Synced) -> Build | None:
    """What a Kustomization applies; None, after a finding, once all before it took more time than a check has."""
    if world.steps > _MOST_STEPS_OF_ALL:
        told = Message(
            f"{each} was not built: those before it took more than {_MOST_STEPS_OF_ALL:,} steps",
            "What it applies was not checked.",
            "Apply fewer objects, patches and copies of directories.",
        )
        world.not_built.append(each)
        world.findings.append(error(requirements.NOT_CHECKED, *each.place, told, each.line))
        return None
    result = build(world.tree_of(each), text(each.spec, "path"), each.spec, str(each))
    world.steps += result.steps
    return result


def _placed(finding: FileFinding, each: Synced) -> FileFinding:
    """What is about no file of the path is reported where the Kustomization itself is, which can be corrected."""
    if finding.file or not each.file:
        return finding
    return replace(finding, repository=each.repository, file=each.file, line=each.line, object=each.reference)


def _not_checked(world: World) -> Iterator[FileFinding]:
    """One warning for all Kustomizations that apply from one place."""
    for what, found in world.not_followed.items():
        first = found[0]
        others = f" (and so {'does' if len(found) == 2 else 'do'} {more(len(found) - 1, 'Kustomization')})" if len(found) > 1 else ""
        told = Message(f"{first} applies from {what}{others}", "What it applies was not checked.", "Check it yourself.")
        yield warning(requirements.NOT_CHECKED, *first.place, told, first.line, first.reference)


def _child(world: World, parent: Synced, item: BuiltObject, known: KnownVariables) -> Synced:
    repository, file = world.tree_of(parent).origin(item.file)
    body = world.meant(substituted(item.body, known))
    return Synced(
        namespace=text(body, "metadata", "namespace") or parent.namespace,
        name=text(body, "metadata", "name"),
        spec=mapping(body, "spec"),
        repository=repository,
        file=file,
        line=item.line,
        is_elsewhere=parent.is_for_another_cluster,
    )
