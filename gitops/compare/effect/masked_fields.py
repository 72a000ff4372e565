"""In which fields two bodies of an object differ, without a value that is secret: only whether it changes is shown."""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from flux.merge_patch import merge_patch
from flux.patching.selectors import is_selected
from gitops.check.repository.documents import items, mapping, texts
from gitops.compare.field_changes import MISSING, FieldChange
from gitops.compare.hidden_values import masked_differences

_MOST_FIELDS = 500
"""Of one object; of the others, only the number is shown."""


def masked_fields(before: Mapping[str, Any], after: Mapping[str, Any], spec: Mapping[str, Any]) -> tuple[FieldChange, ...]:
    """What is shown. `spec`: that of the Kustomization, which may let Flux ignore fields of what exists."""
    old, new = _without_ignored(before, after, spec)
    found = masked_differences(old, new)
    fields = list(islice(found, _MOST_FIELDS))
    if more := sum(1 for _ in found):
        fields.append(FieldChange(path=f"and {more} more fields", before=MISSING, after=MISSING, key=()))
    return tuple(fields)


def _without_ignored(
    before: Mapping[str, Any], after: Mapping[str, Any], spec: Mapping[str, Any]
) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Both without the fields that `spec.ignore` takes out of what Flux compares."""
    for pointer in _ignored(after, spec):
        patch: Any = None
        for part in reversed(pointer):
            patch = {part: patch}
        before, after = merge_patch(dict(before), patch), merge_patch(dict(after), patch)
    return before, after


def _ignored(body: Mapping[str, Any], spec: Mapping[str, Any]) -> Iterator[list[str]]:
    for rule in items(spec, "ignore"):
        target = mapping(rule, "target")
        if isinstance(rule, dict) and (not target or is_selected(target, body)):
            for path in texts(rule, "paths"):
                parts = [part.replace("~1", "/").replace("~0", "~") for part in path.split("/")[1:]]
                if parts and _leads_through_mappings(body, parts):
                    yield parts


def _leads_through_mappings(body: Any, parts: list[str]) -> bool:
    """Whether a JSON merge patch could remove it: nothing on the way is a list."""
    for part in parts[:-1]:
        body = body.get(part, {}) if isinstance(body, Mapping) else None
    return isinstance(body, Mapping)
