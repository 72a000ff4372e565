"""What `gitops status --wait` says meanwhile: how many are ready, and what it waits for."""

from collections.abc import Sequence

from gitops.status.remedies import WAITS_FOR_ANOTHER
from gitops.status.row import Readiness, StatusRow
from gitops.status.table import message_of
from gitops.wait_progress import WaitProgress


class StatusProgress(WaitProgress):
    """A wait that says how far Flux's objects are."""

    def change(self, rows: Sequence[StatusRow]) -> None:
        """A reading that differs from the one before."""
        self.say(describe(rows), describe(rows, why=False))


def describe(rows: Sequence[StatusRow], *, why: bool = True) -> str:
    """`3 of 14 ready; waiting for Kustomization/flux-system/cluster-vars (…)`: an object that waits for another is not the one to name."""
    if all(row.is_controller for row in rows):
        return "no Flux object yet"
    counted = [row for row in rows if row.ready is Readiness.YES or row.blocks]
    blocking = [row for row in counted if row.blocks]
    text = f"{len(counted) - len(blocking)} of {len(counted)} ready"
    if not blocking:
        return text
    first = min(blocking, key=lambda row: row.reason in WAITS_FOR_ANOTHER)
    message = f" ({message_of(first)})" if why and first.message else ""
    more = f" and {len(blocking) - 1} more" if len(blocking) > 1 else ""
    return f"{text}; waiting for {first.reference}{message}{more}"
