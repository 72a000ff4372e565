"""What `gitops drift` prints: a block for each object that differs, a line for each field."""

import json
from collections.abc import Iterator
from typing import Any

from flux.key_path import KeyPath, dotted
from flux.object_reference import ObjectReference
from flux.secret_shapes import without_tokens
from flux.short_text import one_line, trim_middle
from flux.visible_text import visible
from gitops.drift.drift import Drift
from live.ownership.compared_objects import ChangedField, Compared
from live.ownership.field_writers import Writer

LONGEST_VALUE = 60
HIDDEN = "[secret]"
_ABSENT = "nothing"


def lines(drift: Drift, *, mended: bool) -> Iterator[str]:
    """The report."""
    for each in sorted(drift.drifted, key=lambda found: found.reference):
        yield visible(str(each.reference))
        if each.is_missing:
            yield "  is missing"
        for field in each.differences:
            yield f"  {_field(drift, each, field)}"
    for each in drift.suspended:
        yield f"{visible(str(each.reference))}\n  is suspended{_by(each.suspended)}; this is not drift"
    count = len(drift.drifted)
    if not count:
        yield f"No drift: {len(drift.objects)} objects of stack {drift.stack} are as the last `pulumi up` applied them."
        return
    found = f"{count} of {len(drift.objects)} objects of stack {drift.stack} {'differs' if count == 1 else 'differ'}"
    yield f"{found}. {'They were set back.' if mended else f'To set them back, run: gitops drift --stack {drift.stack} --mend'}"


def shown(drift: Drift, reference: ObjectReference, path: KeyPath, value: Any) -> Any:
    """A value, unless it is a secret one."""
    secret = reference.kind == "Secret" or (path and path[0] in drift.secret_keys.get(reference, ()))
    return HIDDEN if secret and value is not None and path and path[0] != "metadata" else _without_tokens(value)


def _without_tokens(value: Any) -> Any:
    """A person may have written one where no secret belongs: into a URL, an argument."""
    if isinstance(value, str):
        return without_tokens(value)
    if isinstance(value, dict):
        return {key: _without_tokens(item) for key, item in value.items()}
    return [_without_tokens(item) for item in value] if isinstance(value, list) else value


def _field(drift: Drift, each: Compared, field: ChangedField) -> str:
    name, by = visible(dotted(field.path)), _by(field.writer)
    declared = shown(drift, each.reference, field.path, field.declared)
    now = shown(drift, each.reference, field.path, field.live)
    if field.is_addition:
        return f"{name}: {_text(now)}, which the stack does not declare{by}"
    if declared == now == HIDDEN:
        return f"{name}: another value{by}"
    if isinstance(declared, list) and isinstance(now, list):
        return f"{name}: {_list_change(declared, now)}{by}"
    return f"{name}: {_text(declared)} became {_text(now)}{by}"


def _list_change(declared: list[Any], now: list[Any]) -> str:
    """Only what came and went: arguments of a container are many."""
    went = [_text(each) for each in declared if each not in now]
    came = [_text(each) for each in now if each not in declared]
    parts = [f"without {', '.join(went)}"] if went else []
    parts += [f"with {', '.join(came)}"] if came else []
    return " and ".join(parts) or "in another order"


def _text(value: Any) -> str:
    if value is None:
        return _ABSENT
    written = value if isinstance(value, str) else json.dumps(value, sort_keys=True)
    return visible(trim_middle(one_line(written), LONGEST_VALUE)) or '""'


def _by(writer: Writer | None) -> str:
    if writer is None or not writer.manager:
        return ""
    return f" (by {visible(writer.manager)}{f' since {visible(writer.time)}' if writer.time else ''})"
