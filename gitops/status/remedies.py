"""What brings back what does not run, below the table: a command that a row could not show without breaking it."""

from collections.abc import Iterable, Iterator

from gitops.status.controllers import SCALED_TO_ZERO
from gitops.status.row import StatusRow
from live.target import Target


def remedies(rows: Iterable[StatusRow], target: Target) -> Iterator[str]:
    """A line for each command."""
    stopped: dict[str, list[str]] = {}
    for row in rows:
        if row.is_controller and row.reason == SCALED_TO_ZERO:
            stopped.setdefault(row.namespace, []).append(row.name)
    for namespace, names in stopped.items():
        # `pulumi up` sees no change. With --refresh it does, and is refused where `kubectl edit` or `kubectl patch` stopped it.
        command = target.kubectl(f"-n {namespace} scale deployment {' '.join(names)} --replicas=1")
        yield f"To start {'it' if len(names) == 1 else 'them'} again, which `pulumi up` does not: {command}"
