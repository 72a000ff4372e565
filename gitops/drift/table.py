"""What `gitops drift` prints: a block for each object that differs, a line for each field."""

import json
from collections.abc import Iterator
from typing import Any

from flux.key_path import KeyPath, dotted
from flux.kinds import APPLIERS
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
    yield from _removed_by_up(drift)
    count = len(drift.drifted)
    if not count and not drift.removed_by_up.objects:
        yield f"No drift: {len(drift.objects)} objects of stack {drift.stack} are as the last `pulumi up` applied them."
    if not count:
        return
    found = f"{count} of {len(drift.objects)} objects of stack {drift.stack} {'differs' if count == 1 else 'differ'}"
    yield f"{found}. {'They were set back.' if mended else f'To set them back, run: gitops drift --stack {drift.stack} --mend'}"


def _removed_by_up(drift: Drift) -> Iterator[str]:
    left = drift.removed_by_up
    for each in left.objects:
        yield visible(str(each))
        yield f"  `pulumi up` will remove it{_also(each.kind)}" if left.is_certain else "  is missing from Pulumi's state"
    if left.objects:
        have, them = ("1 object has", "it") if len(left.objects) == 1 else (f"{len(left.objects)} objects have", "them")
        yield f"{have} the mark of stack {drift.stack}, but {_unless_certain(drift, them)}"


def _unless_certain(drift: Drift, them: str) -> str:
    if drift.removed_by_up.is_certain:
        return f"neither its file nor Pulumi's state has {them} any more."
    why = f"gitops render --stack {drift.stack}"
    return (
        f"Pulumi's state does not have {them}.\nWhether its file does is unknown: `pulumi up` would refuse the file. To see why, run: {why}"
    )


def _also(kind: str) -> str:
    return "; its spec.prune and spec.deletionPolicy decide whether what it applied is removed" if kind in APPLIERS else ""


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
