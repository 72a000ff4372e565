"""One check of a stack: its settings, its repositories, the judgement, and the record."""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from flux.object_reference import FLUX_NAMESPACE
from flux.schema import Schemas
from gitops.check.acknowledged import acknowledged
from gitops.check.fetch.clone import Checkout, Source
from gitops.check.fetch.declared_sources import AccessOf, DeclaredSources
from gitops.check.fetch.fetching import Fetcher
from gitops.check.fetch.git_login import Access, access_for, registry_access, secret_reader
from gitops.check.file_finding import FileFinding
from gitops.check.findings.cluster_keys import ClusterKeys
from gitops.check.findings.judging import EncryptedFile, StackFacts, judge
from gitops.check.findings.ownership import OwnObject, own_object
from gitops.check.follow.declared_source import FOLLOWED_KINDS, source_key
from gitops.check.follow.synced import Synced
from gitops.check.keys import cluster_keys
from gitops.check.record import recorded_names, write_record
from gitops.check.repository.included import includes_of
from gitops.project import project
from gitops.pulumi_cli import StackName, selected_stack
from gitops.stack_problems import problems_of_files
from stacks.contract.check_record import CheckRecord
from stacks.contract.stack import secret_environment_variable
from stacks.judging.check_objects import planned_objects
from stacks.made_objects import made_objects
from stacks.offline import load_settings_offline, secret_keys_in_file
from stacks.reading.record_file import read_record
from stacks.secrets.entries import secret_entries
from stacks.settings import Settings
from stacks.words.problems import Problem, StackProblems


@dataclass(frozen=True, kw_only=True)
class Report:
    """What one check found."""

    stack: str
    checkouts: Mapping[str, Checkout]
    urls: Mapping[str, str]
    files: Sequence[EncryptedFile]
    findings: Sequence[FileFinding]
    record: Path | None
    """Where it was recorded; None when it was not."""

    @property
    def is_fine(self) -> bool:
        """Whether nothing that was found breaks the cluster."""
        return not any(finding.breaks for finding in self.findings)


def check_stack(stack: str | None, without: Sequence[str], *, record: bool, progress: TextIO, width: int = 120) -> Report:
    """Check every repository that the cluster of `stack` syncs (None: the stack that pulumi has selected).

    Raises:
        CommandError: there is no project or no such stack, its files are wrong, a key's recipient is unknown, the record cannot be written.
    """
    folder = project()
    name = selected_stack(stack, folder)
    problems: list[Problem] = []
    try:
        settings = load_settings_offline(name.short)
        before = read_record(settings.check_record, problems)
        if problems and not record:
            raise StackProblems(problems)  # with --record it is written anew
    except StackProblems as error:
        raise problems_of_files(error.problems, "nothing was checked") from None
    keys = cluster_keys(settings.stack, name, before.keys if before else {}, without, folder)
    access = _access(settings, name, folder)
    sources = _sources(settings, access)
    with tempfile.TemporaryDirectory(prefix="gitops-check-") as scratch:
        fetcher = Fetcher(sources, Path(scratch), progress, width)
        facts = facts_of(settings, keys)
        judgement = judge(facts, fetcher, DeclaredSources(sources, access, fetcher).admit)
    accepted = settings.stack.acknowledge
    unread = fetcher.sources.keys() - fetcher.checkouts.keys()
    findings = list(acknowledged([*fetcher.findings, *judgement.findings], accepted, unread))
    findings.sort(key=lambda each: (each.severity.value, each))
    urls = {name: source.url for name, source in fetcher.sources.items()}
    # A first record of nothing would say that no key is needed.
    recorded = record and bool(before or fetcher.checkouts or not fetcher.findings)
    if recorded:
        before = before or CheckRecord()
        staying = urls.keys() | (recorded_names(before) if unread else ())  # what was not read may declare further sources
        write_record(settings.check_record, fetcher.checkouts, urls, judgement.files, keys, before, settings.stack.age.keys, staying)
    return Report(
        stack=name.short,
        checkouts=fetcher.checkouts,
        urls=urls,
        files=judgement.files,
        findings=findings,
        record=settings.check_record.path if recorded else None,
    )


def facts_of(settings: Settings, keys: ClusterKeys) -> StackFacts:
    """What the judgement needs to know of a stack."""
    sources = settings.chosen.of_kind("GitRepository")
    artifacts = (source_key("OCIRepository", FLUX_NAMESPACE, name) for name in settings.chosen.of_kind("OCIRepository"))
    return StackFacts(
        kustomizations=[
            Synced(namespace=FLUX_NAMESPACE, name=each.name, spec=each.spec) for each in settings.chosen.of_kind("Kustomization").values()
        ],
        sources=frozenset((*sources, *artifacts)),
        includes={name: includes_of(each.spec) for name, each in sources.items()},
        own=_own(settings),
        variables=settings.stack.variables,
        keys=keys,
        planned=planned_objects(settings.chosen, settings.stack, settings.installation, secret_entries(settings.credentials)),
        schemas=Schemas.of(settings.installation.objects.definitions),
    )


def _own(settings: Settings) -> frozenset[OwnObject]:
    """Everything that the stack registers in the cluster."""
    return frozenset(own_object(each.body) for each in made_objects(settings))


def _sources(settings: Settings, access: AccessOf) -> dict[str, Source]:
    """The repositories and artifacts as the cluster fetches them, overrides included."""
    found: dict[str, Source] = {}
    for kind in FOLLOWED_KINDS:
        for name, body in settings.chosen.of_kind(kind).items():
            secret, url, key = body.named_secret("secretRef") or "", body.url or "", source_key(kind, FLUX_NAMESPACE, name)
            found[key] = Source(kind=kind, name=key, url=url, spec=body.spec, access=access(url, secret))
    return found


def _access(settings: Settings, stack: StackName, folder: Path) -> AccessOf:
    """How to fetch a URL with a Secret that the stack makes."""
    read = secret_reader(stack.asked, secret_keys_in_file(stack.short), secret_environment_variable, folder)

    def access(url: str, secret: str) -> Access:
        made, credential = settings.credentials.get(secret), settings.stack.credentials.get(secret)
        if url.startswith("oci://"):
            return registry_access(url, credential, lambda field: read(f"{secret}-{field}"))
        return access_for(url, secret, credential, made.values if made else {}, read)

    return access
