"""What brings back what does not run, below the table: a command that a row could not show without breaking it."""

from collections.abc import Iterable, Iterator, Sequence

from flux.listing import listed
from flux.message import Message
from gitops.status.controllers import SCALED_TO_ZERO
from gitops.status.groups import Group
from gitops.status.row import Readiness, StatusRow
from live.access.target import Target

WAITS_FOR_ANOTHER = {"DependencyNotReady", "SourceNotReady"}
"""Reasons of an object that is not the one to look at."""
_NAMED = 3
_RUNBOOKS = {
    Group.SOURCES: "docs/runbooks/a-source-is-not-ready.md",
    Group.KUSTOMIZATIONS: "docs/runbooks/a-kustomization-is-not-ready.md",
}
"""In the order of the table: a Kustomization often fails because its source did."""


def after_a_wait(rows: Sequence[StatusRow], seconds: float) -> Message:
    """What is not ready after a wait, and what to do."""
    blocking = sorted((row for row in rows if row.blocks), key=lambda row: row.reason in WAITS_FOR_ANOTHER)
    names = [str(row.reference) for row in blocking]
    shown = listed([*names[:_NAMED], *([f"{len(names) - _NAMED} more"] if len(names) > _NAMED else [])])
    are = "is" if len(names) == 1 else "are"
    return Message(
        f"After {seconds:g} s, {shown} {are} not ready",
        f"The cluster may not have what {'it' if len(names) == 1 else 'they'} should bring.",
        what_to_do(rows),
    )


def what_to_do(rows: Sequence[StatusRow]) -> str:
    """What to do after a wait in which not everything became ready: what Flux reports as failed rarely heals by waiting."""
    failed = {row.group for row in rows if _has_failed(row)}
    pages = [page for group, page in _RUNBOOKS.items() if group in failed]
    return (
        f"Flux reports a failure, which waiting rarely fixes: see {' and '.join(pages)}"
        if pages
        else "Wait longer with --wait, or see the messages above."
    )


def _has_failed(row: StatusRow) -> bool:
    """BuildFailed, GitOperationFailed, VerificationError; not DependencyNotReady, nor Progressing."""
    return row.ready is Readiness.NO and (row.stalled or row.reason.endswith(("Failed", "Error")))


def remedies(rows: Iterable[StatusRow], target: Target) -> Iterator[str]:
    """A line for each command."""
    stopped: dict[str, list[str]] = {}
    for row in rows:
        if row.is_controller and row.reason == SCALED_TO_ZERO:
            stopped.setdefault(row.namespace, []).append(row.name)
    for namespace, names in stopped.items():
        command = target.kubectl(f"-n {namespace} scale deployment {' '.join(names)} --replicas=1")
        yield f"To start {'it' if len(names) == 1 else 'them'} again, as `pulumi up` would: {command}"
