"""Waiting until everything of a cluster is ready."""

import time
from collections.abc import Callable, Sequence

from gitops.status.collect import Collect
from gitops.status.row import StatusRow
from live.errors import UnreachableError

POLL_SECONDS = 1.0


def all_ready(rows: Sequence[StatusRow]) -> bool:
    """Whether there is a Flux object, and neither an object nor a controller keeps the cluster from being ready."""
    return any(not row.is_controller for row in rows) and not any(row.blocks for row in rows)


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
        LiveError: from the first reading, and later ones unless the API server merely did not answer; that is
            forgiven until the time is up.
    """
    deadline = time.monotonic() + timeout
    shown: list[StatusRow] | None = None
    while True:
        try:
            rows = collect_fn()
        except UnreachableError:
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
    return [row.reference for row in one] == [row.reference for row in other]
