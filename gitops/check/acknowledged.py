"""Findings that the stack file accepts, each with a reason: they stay in the table and out of the exit code."""

from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import replace

from flux.message import Message
from gitops.check import requirements
from gitops.check.file_finding import FileFinding, warning
from stacks.contract.stack import AcknowledgedFinding


def acknowledged(findings: Iterable[FileFinding], entries: Sequence[AcknowledgedFinding], unread: Container[str]) -> Iterator[FileFinding]:
    """The findings with the reasons why they are accepted, and one for each entry that matches none of them.

    `unread`: the stack's repositories that were not read: what an entry of one matches is unknown.
    """
    reasons = {(each.finding, each.repository, (each.file or "").removeprefix("./")): each for each in entries}
    used = set()
    for finding in findings:
        key = (finding.rule, finding.repository, finding.file)
        entry = reasons.get(key)
        if entry is not None:
            used.add(key)
        yield replace(finding, acknowledged=entry.because) if entry is not None else finding
    for key, entry in reasons.items():
        if key not in used and entry.repository not in unread:
            told = Message(
                f"has no finding {entry.finding}, which gitops:acknowledge accepts",
                "The entry would hide a later finding.",
                "Remove it from the stack file, or correct its finding, repository and file.",
            )
            yield warning(requirements.ACKNOWLEDGES_NOTHING, entry.repository, entry.file or "", told)
