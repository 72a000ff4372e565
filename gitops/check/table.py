"""The table of `gitops check`: who can read which file, and then what is wrong, in three lines. Names are never shortened."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from rich.console import Console
from rich.text import Text

from flux.message_lines import INDENT, below_a_heading
from flux.visible_text import visible
from gitops.check.file_finding import FileFinding, Severity
from gitops.check.findings.judging import EncryptedFile
from gitops.check.run import Report
from gitops.messages import NOTHING
from gitops.terminal import print_result

_STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "yellow"}


def print_report(report: Report, console: Console) -> None:
    """Everything that was found."""
    print_result(render(report, console.width if console.is_terminal else None), console)


def render(report: Report, width: int | None) -> Text:
    """The table, the findings and the summary. `width`: of a terminal; None in a log."""
    lines = [*_repositories(report), *_findings(report.findings, width), Text(summary(report))]
    return Text("\n").join(lines)


def summary(report: Report) -> str:
    """`2 repositories, 3 encrypted files, 2 of them in synced paths; 1 error, 0 warnings`."""
    accepted = sum(finding.acknowledged is not None for finding in report.findings)
    errors = sum(finding.breaks for finding in report.findings)
    read = sum(file.synced for file in report.files)
    seen = f"{_counted(len(report.checkouts), 'repository', 'repositories')}, {_counted(len(report.files), 'encrypted file')}"
    found = f"{_counted(errors, 'error')}, {_counted(len(report.findings) - errors - accepted, 'warning')}"
    found += f", {accepted} acknowledged" if accepted else ""
    return f"{seen}, {read} of them in synced paths; {found}"


def _repositories(report: Report) -> Iterator[Text]:
    rows = list(report.files)
    width = max((len(visible(file.path)) for file in rows), default=0)
    by_repository = {name: list(files) for name, files in groupby(rows, key=lambda file: file.repository)}
    for name, checkout in sorted(report.checkouts.items()):
        yield Text(visible(f"{name}  {checkout.commit[:8]}  {report.urls[name]}"), style="bold")
        for file in by_repository.get(name, []):
            yield Text(f"  {visible(file.path).ljust(width)}  {visible(_readers(file))}")
        if name not in by_repository:
            yield Text("  no encrypted file", style="dim")
        yield Text()


def _readers(file: EncryptedFile) -> str:
    readers = ", ".join(file.readers) or "nobody"
    return readers if file.synced else f"{readers} {NOTHING} not read by the cluster"


def _findings(findings: Sequence[FileFinding], width: int | None) -> Iterator[Text]:
    for finding in findings:
        is_accepted = finding.acknowledged is not None
        word, style = ("acknowledged", "dim") if is_accepted else (finding.severity.value, _STYLES[finding.severity])
        yield Text.assemble((word, style), f" {finding.rule} ", (visible(finding.place), "bold"))
        yield from map(Text, below_a_heading(finding.message, width and max(40, width)))
        if is_accepted:
            yield Text(visible(f"{INDENT}Acknowledged: {finding.acknowledged}"))
        yield Text()


def _counted(count: int, one: str, many: str = "") -> str:
    return f"{count} {one if count == 1 else many or f'{one}s'}"
