"""The fields in which two bodies differ."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flux.key_path import KeyPath


class _Missing:
    def __repr__(self) -> str:
        return "MISSING"


MISSING = _Missing()
"""In place of a value that is not there."""


@dataclass(frozen=True, kw_only=True)
class FieldChange:
    """One field."""

    path: str
    """As a person writes it: `spec.containers[manager].args`."""
    before: Any
    after: Any
    key: KeyPath
    """Where it is in the body that has it, the one after if both do."""


def differences(before: Any, after: Any, shown: str = "", key: KeyPath = ()) -> Iterator[FieldChange]:
    """Leaf by leaf. Lists of named objects are compared by name, lists of plain values as sets, others by position."""
    if before is after or before == after:
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for part in sorted({*before, *after}, key=str):
            inner = f"{shown}.{part}" if shown else str(part)
            yield from differences(before.get(part, MISSING), after.get(part, MISSING), inner, (*key, part))
    elif isinstance(before, list) and isinstance(after, list):
        yield from _in_lists(before, after, shown, key)
    elif isinstance(before, Mapping) and after is MISSING and before:
        for part in before:
            yield from differences(before[part], MISSING, f"{shown}.{part}" if shown else str(part), (*key, part))
    elif isinstance(after, Mapping) and before is MISSING and after:
        for part in after:
            yield from differences(MISSING, after[part], f"{shown}.{part}" if shown else str(part), (*key, part))
    else:
        yield FieldChange(path=shown, before=before, after=after, key=key)


def _in_lists(before: list[Any], after: list[Any], shown: str, key: KeyPath) -> Iterator[FieldChange]:
    old, new = _by_name(before), _by_name(after)
    if old is not None and new is not None:
        for name in [*new, *(name for name in old if name not in new)]:
            index, item = new.get(name, (0, MISSING))
            before_index, was = old.get(name, (0, MISSING))
            yield from _whole(was, item, f"{shown}[{name}]", (*key, index if name in new else before_index))
    elif all(_is_plain(item) for item in (*before, *after)):
        gone = [item for item in before if item not in after]
        come = [item for item in after if item not in before]
        for item in gone:
            yield FieldChange(path=f"{shown}[]", before=item, after=MISSING, key=key)
        for item in come:
            yield FieldChange(path=f"{shown}[]", before=MISSING, after=item, key=key)
        if not gone and not come:
            yield FieldChange(path=shown, before=before, after=after, key=key)
    else:
        for index in range(max(len(before), len(after))):
            was = before[index] if index < len(before) else MISSING
            item = after[index] if index < len(after) else MISSING
            yield from _whole(was, item, f"{shown}[{index}]", (*key, index))


def _whole(before: Any, after: Any, shown: str, key: KeyPath) -> Iterator[FieldChange]:
    """Of what comes or goes as a whole, one change; of what stays, one for each field."""
    if before is MISSING or after is MISSING:
        yield FieldChange(path=shown, before=before, after=after, key=key)
    else:
        yield from differences(before, after, shown, key)


def _by_name(items: list[Any]) -> dict[str, tuple[int, Any]] | None:
    """Name → position and item; None where not each has a name of its own."""
    named = {
        item["name"]: (index, item) for index, item in enumerate(items) if isinstance(item, Mapping) and isinstance(item.get("name"), str)
    }
    return named if len(named) == len(items) else None


def _is_plain(value: Any) -> bool:
    return value is None or isinstance(value, str | int | float | bool)
