"""When a Flux object was last reconciled, as far as it shows.

No field says so for every kind. A source that finds nothing new writes nothing at all; a Kustomization writes each time.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

Body = dict[str, Any]


def last_reconciled(body: Body) -> datetime | None:
    """The newest sign of a reconciliation: it may have been reconciled later, and not before."""
    status = body.get("status") or {}
    of_history = [entry.get(key) for entry in status.get("history") or [] for key in ("lastReconciled", "lastDeployed", "firstReconciled")]
    of_conditions = [condition.get("lastTransitionTime") for condition in status.get("conditions") or []]
    of_status = [
        field.get("time") for field in body["metadata"].get("managedFields") or [] if field.get("subresource") == "status"
    ]  # an object's status is its controller's alone
    single = [(status.get("artifact") or {}).get("lastUpdateTime"), status.get("lastHandledReconcileAt")]
    return max(moments((*of_history, *of_conditions, *of_status, *single)), default=None)


def certainly_reconciled(body: Body) -> datetime | None:
    """When it was last reconciled, where its kind writes that down each time; else None."""
    history = (body.get("status") or {}).get("history") or []
    return max(moments(entry.get("lastReconciled") for entry in history), default=None)


def moments(texts: Iterable[Any]) -> list[datetime]:
    """Those of `texts` that are a moment: what asks for a reconciliation may be any text."""
    found = []
    for text in texts:
        try:
            moment = datetime.fromisoformat(text) if isinstance(text, str) else None
            if moment:
                found.append((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC))
        except (ValueError, OverflowError):  # the latter: in UTC it is before the year 1, or after 9999
            continue
    return found
