"""Objects that are Ready, but were not reconciled for so long that their Ready condition no longer means anything.

A source that finds nothing new writes nothing into its status, so a source without news looks the same as one that is not reconciled.
Such a source is reported only if its controller does not run. A Kustomization writes down each reconciliation, and is judged by that.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from flux.watching import Watcher
from gitops.status.reconciled import certainly_reconciled, last_reconciled
from gitops.status.reconcilers import reconciler
from gitops.status.row import Readiness, StatusRow

Body = dict[str, Any]
MARGIN = timedelta(minutes=1)
INTERVALS = 2
_PART = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ms|s|m|h)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_LONGEST_SECONDS = 1e10
"""300 years: what is longer is no date any more when it is added to one."""


def judged_by_age(
    body: Body, row: StatusRow, controllers: Mapping[str, StatusRow], now: datetime, watchers: Sequence[Watcher] = ()
) -> StatusRow:
    """`row`, made not ready if it was not reconciled for two intervals and a minute. `controllers`: by name, as far as they are known."""
    interval = _interval(body)
    if row.ready is not Readiness.YES or not interval:
        return row
    controller = controllers.get(reconciler(body, watchers) or "")
    if controller is not None and controller.ready is Readiness.NO:
        # Until it stopped it may have come to a source that had nothing new.
        seen = max((moment for moment in (last_reconciled(body), controller.changed) if moment), default=None)
        why = f"{controller.name}: {controller.message}"
    else:
        seen, why = certainly_reconciled(body), "its controller does not reconcile it; see the controller's log"
    if seen is None or now - seen <= INTERVALS * interval + MARGIN:
        return row
    since = f"{seen.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    message = f"no sign of a reconciliation since {since}, with an interval of {body['spec']['interval']}; {why}"
    return replace(row, ready=Readiness.NO, reason="Stale", message=message)


def _interval(body: Body) -> timedelta:
    """Its interval; none where it has none, or one that cannot be read."""
    text = (body.get("spec") or {}).get("interval")
    if not isinstance(text, str) or not re.fullmatch(f"(?:{_PART.pattern})+", text):
        return timedelta()
    return timedelta(seconds=min(sum(float(number) * _SECONDS[unit] for number, unit in _PART.findall(text)), _LONGEST_SECONDS))
