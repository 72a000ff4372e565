"""One check of a stack: its settings, its repositories, the judgement, and the record."""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from gitops.check.acknowledged import acknowledged
from gitops.check.fetch.clone import Checkout
from gitops.check.fetch.declared_sources import DeclaredSources
from gitops.check.fetch.fetching import Fetcher
from gitops.check.file_finding import FileFinding
from gitops.check.findings.judging import EncryptedFile, judge
from gitops.check.keys import cluster_keys
from gitops.check.record import recorded_names, write_record
from gitops.check.stack_facts import access_of, facts_of, sources_of
from gitops.project import project
from gitops.pulumi_cli import selected_stack
from gitops.stack_problems import problems_of_files
from gitops.terminal import print_lines
from stacks.contract.check_record import CheckRecord
from stacks.offline import load_settings_offline
from stacks.reading.record_file import read_record
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
    access = access_of(settings, name, folder)
    sources = sources_of(settings, access)
    with tempfile.TemporaryDirectory(prefix="gitops-check-") as scratch:
        fetcher = Fetcher(sources, Path(scratch), progress, width)
        facts = facts_of(settings, keys)
        judgement = judge(facts, fetcher, DeclaredSources(sources, access, fetcher).admit)
    accepted = settings.stack.acknowledge
    unread = fetcher.sources.keys() - fetcher.checkouts.keys()
    findings = list(acknowledged([*fetcher.findings, *judgement.findings], accepted, unread))
    findings.sort(key=lambda each: (each.severity.value, each))
    urls = {name: source.url for name, source in fetcher.sources.items()}
    # A first record of nothing would say that no key is needed. Where there is no key and no encrypted file, it would change with every push.
    says_something = bool(keys.staying or keys.leaving or judgement.files)
    recorded = record and bool(before or (says_something and (fetcher.checkouts or not fetcher.findings)))
    if recorded:
        before = before or CheckRecord()
        staying = urls.keys() | (recorded_names(before) if unread else ())  # what was not read may declare further sources
        of_the_stack = settings.stack.age.keys
        if write_record(settings.check_record, fetcher.checkouts, urls, judgement.files, keys, before, of_the_stack, staying):
            commit = ": commit it, because previews read it" if settings.check_record.is_committed else ""
            print_lines(f"Wrote {settings.check_record.shown}{commit}.", progress)
    return Report(
        stack=name.short,
        checkouts=fetcher.checkouts,
        urls=urls,
        files=judgement.files,
        findings=findings,
        record=settings.check_record.path if recorded else None,
    )
