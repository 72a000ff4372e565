"""What a person set with kubectl beside the stack, and rightly: kept, where Pulumi's provider would take it over and so remove it.

With server-side apply, the provider gives itself all fields of managers whose name begins with `kubectl`, at each update of an object
(https://github.com/pulumi/pulumi-kubernetes/pull/2640). What the program does not declare is then removed: a suspended Kustomization
resumes with the next change of its interval. So such fields get a manager of another name before.
"""

from typing import Any

from flux.owners_mark import FIELD_MANAGER
from live.client.field_sets import below, union, without
from live.client.object_metadata import FieldEntry, LiveMetadata
from live.ownership.field_writers import KEPT_FROM, RESTART, SUSPEND

_TAKEN_OVER = "kubectl"
_ANYBODYS = (("f:metadata", "f:annotations"), ("f:metadata", "f:labels"))
_RESTART = ("f:spec", "f:template", "f:metadata", "f:annotations", f"f:{RESTART}")
_SUSPEND = tuple(f"f:{each}" for each in SUSPEND)
_LAST_APPLIED = "f:kubectl.kubernetes.io/last-applied-configuration"


def kept(found: LiveMetadata, *, states_suspend: bool) -> list[dict[str, Any]] | None:
    """The JSON patch that keeps it, bound to the version that was read; None where there is nothing to keep.

    That is `spec.suspend`, unless the stack states it; annotations and labels; the annotation that restarts pods. All else is drift.
    """
    own: dict[str, Any] = {}
    for each in found.managed_fields:
        own = union(own, each.fields_v1) if each.manager == FIELD_MANAGER else own
    # What the stack applies, too, is not beside it: whoever exported an object and applied it again owns all of it.
    parts = [without(_kept_of(each, states_suspend=states_suspend), own) for each in found.managed_fields]
    if not any(parts):
        return None
    entries: dict[tuple[object, ...], dict[str, Any]] = {}
    for each, part in zip(found.managed_fields, parts, strict=True):
        if part:
            _add(entries, {**each.as_written(), "manager": f"{KEPT_FROM}{each.manager}", "fieldsV1": part})
        if rest := without(each.fields_v1, part):
            _add(entries, {**each.as_written(), "fieldsV1": rest})
    return found.with_managed_fields([*entries.values()])


def _kept_of(entry: FieldEntry, *, states_suspend: bool) -> dict[str, Any]:
    if not entry.manager.startswith(_TAKEN_OVER) or entry.subresource:
        return {}
    if _LAST_APPLIED in (below(entry.fields_v1, *_ANYBODYS[0]) or {}):
        return {}  # of `kubectl apply`: the object was somebody's, and the stack takes all of it
    part: dict[str, Any] = {}
    for path in (*_ANYBODYS, _RESTART, *(() if states_suspend else (_SUSPEND,))):
        found = below(entry.fields_v1, *path)
        if found or (found is not None and path not in _ANYBODYS):
            part = union(part, _nested(path, found))
    return part


def _nested(path: tuple[str, ...], found: Any) -> dict[str, Any]:
    whole = found
    for key in reversed(path):
        whole = {key: whole}
    return dict(whole)


def _add(entries: dict[tuple[object, ...], dict[str, Any]], entry: dict[str, Any]) -> None:
    """One for each manager, operation, version and subresource: the API server keeps no two."""
    key = tuple(entry.get(each) for each in ("manager", "operation", "apiVersion", "subresource"))
    known = entries.get(key)
    entries[key] = {**entry, "fieldsV1": union(known["fieldsV1"], entry["fieldsV1"])} if known else entry
