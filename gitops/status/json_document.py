"""The JSON of `gitops status --output json`: stable, so that scripts may rely on it. Additions only, while `version` is 1.

`gitops status --help` and docs/status.md describe it.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from gitops.status.comparison import Comparison
from gitops.status.row import Readiness, StatusRow
from gitops.status.waiting import all_ready


def document(rows: Sequence[StatusRow], comparison: Comparison) -> dict[str, Any]:
    """Everything the table knows, unshortened and in its order."""
    ready = sum(row.ready is Readiness.YES for row in rows)
    return {
        "version": 1,
        "allReady": all_ready(rows),
        "ready": ready,
        "counted": ready + sum(row.blocks for row in rows),
        "stack": comparison.stack,
        "notCompared": comparison.why_not or None,
        "objects": [_object(row) for row in rows],
    }


def _object(row: StatusRow) -> dict[str, Any]:
    return {
        "apiVersion": row.api_version,
        "kind": row.kind,
        "namespace": row.namespace,
        "name": row.name,
        "group": row.group.value,
        "ready": row.ready.value,
        "stalled": row.stalled,
        "reconciling": row.reconciling,
        "reason": row.reason,
        "message": row.message,
        "revision": row.revision,
        "lastChange": _moment(row.changed),
        "lastReconciled": _moment(row.last_reconciled),
        "restarts": row.restarts,
    }


def _moment(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None
