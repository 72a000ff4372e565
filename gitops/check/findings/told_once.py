"""One finding for one fault, also of a file that several Kustomizations read."""

import re
from collections.abc import Iterable
from dataclasses import replace

from flux.listing import more
from gitops.check.file_finding import FileFinding

_WHO = re.compile(r"Kustomization [\w./-]+")


def told_once(findings: Iterable[FileFinding]) -> list[FileFinding]:
    """The findings, but one with their number for those at one place that differ only in the Kustomization, or in its namespace."""
    groups: dict[tuple[object, ...], dict[str, FileFinding]] = {}
    for finding in findings:
        groups.setdefault(_fault(finding), {}).setdefault(finding.message.wrong, finding)
    return [_counted(list(group.values())) for group in groups.values()]


def _fault(finding: FileFinding) -> tuple[object, ...]:
    wrong = _WHO.sub("Kustomization", finding.message.wrong) if finding.file else finding.message.wrong
    about = finding.object
    if about and about.namespace:
        wrong = wrong.replace(str(about), f"{about.kind}/{about.name}").replace(f"namespace {about.namespace}", "namespace")
    return finding.requirement, finding.severity, finding.repository, finding.file, finding.line, wrong


def _counted(same: list[FileFinding]) -> FileFinding:
    first = min(same)
    if len(same) == 1:
        return first
    return replace(
        first, message=replace(first.message, wrong=f"{first.message.wrong} (and {more(len(same) - 1, 'time')}, for other Kustomizations)")
    )
