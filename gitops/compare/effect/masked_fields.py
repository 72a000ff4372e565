"""In which fields two bodies of an object differ, without a value that is secret: only whether it changes is told."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import islice
from typing import Any

from flux.merge_patch import merge_patch
from flux.patching.selectors import is_selected
from flux.secret_shapes import redacted
from gitops.check.repository.documents import items, mapping, texts
from gitops.check.repository.sops_file import CIPHER
from gitops.compare.effect.hidden_values import Hidden, hide
from gitops.compare.field_changes import MISSING, FieldChange, differences

ENCRYPTED, SECRET = "<encrypted>", "<secret>"  # what stands for them
_ANOTHER = {ENCRYPTED: "<encrypted anew>", SECRET: "<another secret>"}
_MOST_FIELDS = 500
"""Of one object; of the others, only how many they are is told."""
_MOST_TEXT = 4_000
"""Characters of a text that are searched for secrets; the rest is not shown."""


def masked_fields(before: Mapping[str, Any], after: Mapping[str, Any], spec: Mapping[str, Any]) -> tuple[FieldChange, ...]:
    """What is told. `spec`: that of the Kustomization, which may tell Flux to ignore fields of what exists."""
    old, new = _without_ignored(before, after, spec)
    found = differences(hide(old), hide(new))
    fields = [_masked(each) for each in islice(found, _MOST_FIELDS)]
    if more := sum(1 for _ in found):
        fields.append(FieldChange(path=f"and {more} more fields", before=MISSING, after=MISSING, key=()))
    return tuple(fields)


def _masked(field: FieldChange) -> FieldChange:
    before, after = _shown(field.before), _shown(field.after)
    if before == after and before is not MISSING:
        after = _another(after)
    return replace(field, path=redacted(field.path), before=before, after=after)


def _shown(value: Any) -> Any:
    if isinstance(value, Hidden):
        return SECRET
    if isinstance(value, Mapping):
        return {redacted(str(key)): _shown(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_shown(item) for item in value]
    if isinstance(value, str) and value.startswith(CIPHER):
        return ENCRYPTED
    return redacted(value[:_MOST_TEXT]) if isinstance(value, str) else value


def _another(value: Any) -> Any:
    """The same sign would say that nothing changes."""
    return _ANOTHER.get(value, f"{value} (changed)") if isinstance(value, str) else value


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
