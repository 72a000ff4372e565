"""The JSON of `gitops status --output json`: stable, so that scripts may rely on it. Additions only, while `version` is 1.

`gitops status --help` and docs/status.md describe it.
"""

from collections.abc import Sequence
from typing import Any

from gitops.status.collect import all_ready
from gitops.status.row import Readiness, StatusRow


def document(rows: Sequence[StatusRow]) -> dict[str, Any]:
    """Everything the table knows, unshortened and in its order."""
    ready = sum(row.ready is Readiness.YES for row in rows)
    return {
        "version": 1,
        "allReady": all_ready(rows),
        "ready": ready,
        "counted": ready + sum(row.blocks for row in rows),
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
        "lastChange": row.changed.strftime("%Y-%m-%dT%H:%M:%SZ") if row.changed else None,
    }
