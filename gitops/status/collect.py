"""What Flux says of a cluster, read now; and waiting until it says ready.

Declares nothing and changes nothing. `collect` and `wait_until_ready` are what others use; the rules are in
`status_row`, the table in `status_table`.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from gitops.errors import ClusterUnreachableError
from gitops.status.row import Readiness, StatusRow, rows_of
from live.kubeconfig import find_target

__all__ = ["Readiness", "StatusRow", "all_ready", "collect", "reading", "wait_until_ready"]

Collect = Callable[[], list[StatusRow]]
POLL_SECONDS = 1.0


def collect(kubeconfig: Path | None, context: str | None, namespace: str | None = None) -> list[StatusRow]:
    """Every Flux object of the cluster, or of one namespace: sources, then Kustomizations, then releases, then the rest.

    Raises:
        CommandError: no such kubeconfig or context, an API server that does not answer or refuses, no Flux.
    """
    with reading(kubeconfig, context, namespace) as collect_again:
        return collect_again()


@contextmanager
def reading(kubeconfig: Path | None, context: str | None, namespace: str | None = None) -> Iterator[Collect]:
    """A `collect` to be called many times: the kubeconfig is read, and its exec plugin run, once.

    Raises:
        CommandError: as `collect` does.
    """
    target = find_target(kubeconfig, context)
    # Here and not above: the client costs a third of a second that `gitops --help` need not pay.
    from live.objects import ClusterReader

    reader = ClusterReader(target)
    try:
        yield lambda: rows_of(reader.objects(namespace))
    finally:
        reader.close()


def all_ready(rows: Sequence[StatusRow]) -> bool:
    """Whether there is something, and nothing of it keeps the cluster from being ready."""
    return bool(rows) and not any(row.blocks for row in rows)


def wait_until_ready(
    collect_fn: Collect,
    timeout: float,
    on_change: Callable[[list[StatusRow]], None],
    *,
    on_poll: Callable[[], None] = lambda: None,
    poll_seconds: float = POLL_SECONDS,
) -> list[StatusRow]:
    """Read until everything is ready or `timeout` seconds have passed; the last reading, so ask `all_ready` of it.

    `on_change` gets the first reading and each one whose readiness, revision or message differs; `on_poll` is called
    after every reading. Ready counts when two readings in a row agree on it: kinds are read one after the other, and
    what one brings may have appeared after its own kind was read.

    Raises:
        CommandError: from the first reading, and later ones unless the API server merely did not answer; that is
            forgiven until the time is up.
    """
    deadline = time.monotonic() + timeout
    shown: list[StatusRow] | None = None
    while True:
        try:
            rows = collect_fn()
        except ClusterUnreachableError:
            if shown is None or time.monotonic() >= deadline:
                raise
            ready = False
        else:
            ready = all_ready(rows)
            confirmed = ready and shown is not None and all_ready(shown) and _same_objects(rows, shown)
            if rows != shown:
                on_change(rows)
            shown = rows
            if confirmed or (not ready and time.monotonic() >= deadline):
                return rows
        on_poll()
        if not ready:  # a ready one is confirmed at once
            time.sleep(max(0.0, min(poll_seconds, deadline - time.monotonic())))


def _same_objects(one: Sequence[StatusRow], other: Sequence[StatusRow]) -> bool:
    return [row.identity for row in one] == [row.identity for row in other]
