"""The whole judgement of checked-out repositories: pure, but for the files of their trees."""

from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass, field, replace

from flux.misspelt_fields import as_meant
from flux.object_reference import ObjectReference
from flux.rules import PlannedObjects
from flux.rules.plan import Plan
from flux.schema import Schemas
from gitops.check.file_finding import FileFinding
from gitops.check.findings.applied_twice import applied_twice_findings
from gitops.check.findings.cluster_keys import ClusterKeys
from gitops.check.findings.creation_rules_findings import config_findings
from gitops.check.findings.decryption_findings import (
    decryption_findings,
    has_service_account,
    needed_files,
    uses_keys_of_others,
    uses_keys_of_the_stack,
)
from gitops.check.findings.documents_apart import document_findings
from gitops.check.findings.files_not_read import not_read_findings
from gitops.check.findings.flux_judgement import judge_flux_objects
from gitops.check.findings.flux_objects import flux_objects
from gitops.check.findings.installed_charts import InstalledCharts
from gitops.check.findings.namespaces import no_namespace_findings
from gitops.check.findings.ownership import OwnObject, ownership_findings
from gitops.check.findings.places_in_the_cluster import place_findings
from gitops.check.findings.plain_secrets import secret_findings
from gitops.check.findings.second_flux import second_flux_findings
from gitops.check.findings.substitution import missing_source_findings, namespace_findings, substitution_findings
from gitops.check.findings.told_once import told_once
from gitops.check.findings.variable_findings import variable_findings
from gitops.check.findings.waits import waiting_findings
from gitops.check.follow.declared_source import Admit, nothing_admitted
from gitops.check.follow.synced import Fetch, Synced, World, follow
from gitops.check.repository.included import Includes
from gitops.check.repository.sops_file import sops_file
from gitops.check.repository.tree import Tree
from gitops.check.requirements import NOT_CHECKED

_STRICT_SINCE = (2, 9)


@dataclass(frozen=True, kw_only=True)
class StackFacts:
    """What the check knows of a stack; no secret is in it."""

    kustomizations: list[Synced]
    sources: frozenset[str]
    """Its GitRepositories and OCIRepositories, as the check calls them."""
    includes: Includes = field(default_factory=dict)
    own: frozenset[OwnObject]
    variables: Mapping[str, str]
    keys: ClusterKeys
    planned: PlannedObjects
    """The Flux objects of the stack, for the rules."""
    schemas: Schemas
    """The CRDs that it installs."""


@dataclass(frozen=True, kw_only=True)
class EncryptedFile:
    """A file that SOPS encrypted, anywhere in a repository."""

    repository: str
    path: str
    recipients: list[str]
    groups: list[list[str]]
    """The recipients of each key group."""
    threshold: int
    """How many groups are needed to decrypt."""
    readers: list[str]
    """Whose keys these are: see ClusterKeys.readers."""
    synced: bool
    """Whether the cluster reads it."""
    by_the_stack: bool
    """Whether that is the stack's part: not where all who read it name a Secret with keys that the stack does not make."""
    as_service_account: bool
    """Whether all who read it do so with their own ServiceAccount."""


@dataclass(kw_only=True)
class Judgement:
    """What was found."""

    files: list[EncryptedFile] = field(default_factory=list)
    findings: list[FileFinding] = field(default_factory=list)
    trees: dict[str, Tree] = field(default_factory=dict)


def judge(facts: StackFacts, fetch: Fetch, admit: Admit = nothing_admitted) -> Judgement:
    """Follow every Kustomization of the stack through the trees that `fetch` brings, and judge what is there.

    `admit` says which of the sources that Git itself declares `fetch` can bring, too.
    """
    world = follow(
        facts.kustomizations,
        facts.sources,
        fetch,
        facts.variables,
        facts.includes,
        facts.planned.secrets,
        admit,
        meant=lambda body: as_meant(body, facts.schemas.findings(body)),
    )
    by_the_stacks_keys = needed_files(_of(world, uses_keys_of_the_stack))
    of_flux = list(flux_objects(world))
    charts = InstalledCharts(of_flux, facts.planned.bodies)
    second = list(second_flux_findings(of_flux, charts))
    told = frozenset(each.object for each in second if each.object)
    by_flux = judge_flux_objects(world, of_flux, facts.own, facts.planned, facts.schemas, told)
    findings = [
        *_not_told_already(world, by_flux.without_a_source | told),
        *by_flux.findings,
        *decryption_findings(world, facts.keys),
        *secret_findings(world),
        *document_findings(world.trees.values()),
        *ownership_findings(world, facts.own),
        *substitution_findings(world, facts.own),
        *namespace_findings(world, facts.own),
        *missing_source_findings(world),
        *second,
        *applied_twice_findings(world, facts.own),
        *place_findings(world, charts),
        *variable_findings(world, strict=is_strict(facts.planned)),
        *no_namespace_findings(world),
        *waiting_findings(world),
    ]
    for name, tree in world.trees.items():
        findings += config_findings(tree, by_the_stacks_keys[name], facts.keys)
    files = _encrypted_files(world, facts.keys)
    findings += not_read_findings([*world.trees.values(), *world.artifacts.values()])
    return Judgement(files=files, findings=_sorted(told_once(findings)), trees=world.trees)


def is_strict(planned: PlannedObjects) -> bool:
    """Whether an undefined variable fails the build."""
    plan = Plan(replace(planned, bodies=[], from_git=[]))
    gate = plan.gate("kustomize-controller", "StrictPostBuildSubstitutions")
    return gate if gate is not None else plan.flux_minor is None or plan.flux_minor >= _STRICT_SINCE


def _not_told_already(world: World, told: Container[ObjectReference]) -> list[FileFinding]:
    """Without that a Kustomization could not be followed, where its source does not exist, or is a second Flux."""
    missing = {each.source for each in world.not_built if each.reference in told}
    silent = {each.reference for each in world.not_built if each.source in missing}
    return [each for each in world.findings if each.requirement != NOT_CHECKED or each.object not in silent]


def _encrypted_files(world: World, keys: ClusterKeys) -> list[EncryptedFile]:
    needed = needed_files(world)
    own = _of(world, lambda each: not uses_keys_of_others(each))
    by_the_stack, as_itself = needed_files(own), needed_files(_of(own, lambda each: not has_service_account(each)))
    return [
        EncryptedFile(
            repository=name,
            path=path,
            recipients=sorted(file.recipients),
            groups=[sorted(group) for group in file.groups],
            threshold=file.threshold,
            readers=keys.readers(file.recipients),
            synced=path in needed[name],
            by_the_stack=path in by_the_stack[name],
            as_service_account=path in by_the_stack[name] and path not in as_itself[name],
        )
        for name, tree in sorted(world.trees.items())
        for path in tree.files
        if (file := sops_file(tree, path)) is not None
    ]


def _of(world: World, chosen: Callable[[Synced], bool]) -> World:
    """The same world, with only the chosen Kustomizations."""
    return replace(world, built=[pair for pair in world.built if chosen(pair[0])])


def _sorted(findings: Iterable[FileFinding]) -> list[FileFinding]:
    """Each once, errors first, then in the order of the repositories and files."""
    return sorted(dict.fromkeys(findings), key=lambda each: (each.severity.value, each))
