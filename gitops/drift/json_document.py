"""The result of `gitops drift` for scripts."""

from typing import Any

from flux.key_path import dotted
from gitops.drift.drift import Drift
from gitops.drift.table import shown
from live.ownership.compared_objects import Compared
from live.ownership.field_writers import Writer


def document(drift: Drift, *, mended: bool) -> dict[str, Any]:
    """Stable while `version` is 1. Values of secrets are not in it."""
    return {
        "version": 1,
        "stack": drift.stack,
        "fine": drift.is_fine(mended=mended),
        "mended": mended and bool(drift.drifted),
        "objects": [_object(drift, each) for each in drift.objects if each.is_missing or each.differences or each.suspended],
        "leftBehind": [
            {"kind": each.kind, "namespace": each.namespace, "name": each.name, "removedByUp": drift.removed_by_up.is_certain or None}
            for each in drift.removed_by_up.objects
        ],
    }


def _object(drift: Drift, each: Compared) -> dict[str, Any]:
    reference = each.reference
    return {
        "kind": reference.kind,
        "namespace": reference.namespace,
        "name": reference.name,
        "drifted": each.is_missing or bool(each.differences),
        "missing": each.is_missing,
        "suspended": _writer(each.suspended),
        "fields": [
            {
                "path": dotted(field.path),
                "declared": shown(drift, reference, field.path, field.declared),
                "live": shown(drift, reference, field.path, field.live),
                "by": _writer(field.writer),
            }
            for field in each.differences
        ],
    }


def _writer(writer: Writer | None) -> dict[str, str | None] | None:
    return {"manager": writer.manager, "since": writer.time} if writer else None
