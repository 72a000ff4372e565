"""What somebody applied of a live object, without what the API server and controllers filled in. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any

from flux.bounded_documents import Bounds, UnreadableError, json_value
from live.client.field_sets import union
from live.client.object_metadata import FieldEntry
from live.ownership.object_owners import owners_among

_KEY = Bounds(size=16 * 1024)
_ITSELF, _FIELD, _BY_KEY, _BY_VALUE = ".", "f:", "k:", "v:"


def applied_part(body: Mapping[str, Any], entries: Iterable[FieldEntry]) -> dict[str, Any]:
    """The part of `body` whose fields belong to those who own the object as a whole; empty where no owner is recorded."""
    fields: dict[str, Any] = {}
    for each in owners_among(entries):
        fields = union(fields, each.fields_v1)
    found = _part(body, fields) if fields else {}
    return dict(found) if isinstance(found, Mapping) else {}


def _part(value: Any, fields: Mapping[str, Any]) -> Any:
    below = {key: each for key, each in fields.items() if key != _ITSELF}
    if not below:
        return value
    if isinstance(value, Mapping):
        named = {key.removeprefix(_FIELD): each for key, each in below.items() if key.startswith(_FIELD)}
        return {key: _part(each, named[key] or {}) for key, each in value.items() if key in named}
    if isinstance(value, list):
        return [part for item in value for part in _items(item, below)]
    return value


def _items(item: Any, below: Mapping[str, Any]) -> list[Any]:
    """The item, if somebody owns it: as an item of certain keys, or as a value."""
    for key, fields in below.items():
        wanted = _read(key[len(_BY_KEY) :])
        if key.startswith(_BY_VALUE) and wanted == item:
            return [item]
        is_keyed = key.startswith(_BY_KEY) and isinstance(item, Mapping) and isinstance(wanted, Mapping)
        if is_keyed and all(item.get(name) == value for name, value in wanted.items()):
            return [_part(item, fields or {})]
    return []


def _read(written: str) -> Any:
    try:
        return json_value(written, _KEY)
    except UnreadableError:
        return None
