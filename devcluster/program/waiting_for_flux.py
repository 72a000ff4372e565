"""Waiting until Flux has synced what was pushed, and asking it to do so now."""

import sys
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

import httpx
from rich.console import Console

from devcluster.control_plane.kube_client import Kube
from devcluster.machine.home import Home
from devcluster.messages.errors import DevclusterError
from flux.kinds import KINDS
from flux.reconcile_request import reconcile_request
from gitops.status.collect import reading
from gitops.status.row import Readiness, StatusRow
from gitops.status.status_progress import StatusProgress
from gitops.status.table import print_table
from gitops.status.waiting import all_ready, wait_until_ready
from live.access.target import find_target
from live.errors import LiveError

WAIT_SECONDS = 300.0
ASK_AGAIN_SECONDS = 5.0


def wait_until_synced(home: Home, kube: Kube, outdated: Collection[str], seconds: float = WAIT_SECONDS) -> list[StatusRow]:
    """Every Flux object is ready, and none is ready at an outdated commit only. Says on stderr what it waits for.

    Flux is asked to look now at whatever is not, instead of at its next interval.

    Raises:
        DevclusterError: not so after `seconds`; the table of what there is was printed.
    """
    asked: dict[object, float] = {}
    progress = StatusProgress(sys.stderr, Console(stderr=True).width)
    with _told_plainly(), reading(find_target(home.kubeconfig, home.context)) as collect:

        def judged() -> list[StatusRow]:
            rows = [as_of_now(row, outdated) for row in collect()]
            _ask(kube, [row for row in rows if row.ready is Readiness.NO or is_outdated(row, outdated)], asked)
            return rows

        try:
            rows = wait_until_ready(judged, seconds, progress.change, on_poll=progress.poll, poll_seconds=0.5)
        finally:
            progress.done()
    if not all_ready(rows):
        print_table([row for row in rows if row.blocks], Console())
        raise DevclusterError(
            f"not everything became ready within {seconds:.0f} s",
            f"The table shows what is not ready, and why; the controllers' logs are in {home.logs}.",
            f"To keep waiting: {home.commands.env}; gitops status --wait 120",
        )
    return rows


def ask_to_reconcile(kube: Kube, path: str, mark: str) -> None:
    """Ask Flux to reconcile the object at `path` now; once it has, the object says `mark` (flux.reconcile_request.is_handled)."""
    kube.merge(path, reconcile_request(mark))


def is_outdated(row: StatusRow, outdated: Collection[str]) -> bool:
    """Whether the commit that `row` is about has been left behind by its branch."""
    return row.revision.rpartition(":")[2] in outdated


def as_of_now(row: StatusRow, outdated: Collection[str]) -> StatusRow:
    """`row`, but not ready when it is so at an outdated commit."""
    if row.ready is Readiness.YES and is_outdated(row, outdated):
        return replace(row, ready=Readiness.UNKNOWN, reason="Outdated", message="has not seen the newest commit yet")
    return row


def _ask(kube: Kube, rows: Sequence[StatusRow], asked: dict[object, float]) -> None:
    now = time.monotonic()
    stamp = datetime.now(UTC).isoformat()
    for row in rows:
        if row.kind not in KINDS or now - asked.get(row.reference, -ASK_AGAIN_SECONDS) < ASK_AGAIN_SECONDS:
            continue
        asked[row.reference] = now
        try:
            ask_to_reconcile(kube, f"/apis/{row.api_version}/namespaces/{row.namespace}/{KINDS[row.kind].plural}/{row.name}", stamp)
        except httpx.HTTPError:
            continue  # gone or busy: it is asked again


@contextmanager
def _told_plainly() -> Iterator[None]:
    try:
        yield
    except LiveError as error:
        told = error.message
        raise DevclusterError(f"{error.where}: {told.wrong}", told.consequence, told.fix) from None
