"""Values that no JSON can hold, found in a body that should be plain data."""

import datetime
import json
import math
from collections.abc import Mapping
from typing import Any

from flux.key_path import KeyPath
from flux.schema.mismatch import Mismatch

_NESTS = (dict, list)
_SCALARS = frozenset({str, int, float, bool, type(None)})
_WHOLE = frozenset({int, bool, type(None)})
_TEXT = {str}
_ENCODER = json.JSONEncoder(allow_nan=False, ensure_ascii=False)


def is_json(body: Mapping[str, Any]) -> bool:
    """Whether `body` could be sent as JSON as it is. Quick."""
    if type(body) is dict and _is_ascii(body):
        return True
    try:
        _ENCODER.encode(body).encode()
    except (TypeError, ValueError):
        return False
    return _all_keys_are_texts(body)


def _is_ascii(value: Any) -> bool:
    """Whether it is made of objects, lists, and scalars that are the same in JSON, with ASCII for all texts: what nearly all bodies are."""
    if type(value) is dict:
        for key in value:
            if type(key) is not str or not key.isascii():
                return False
        value = value.values()
    for item in value:
        kind = type(item)
        if kind is str:
            if not item.isascii():
                return False
        elif kind in _NESTS:
            if not _is_ascii(item):
                return False
        elif kind not in _WHOLE:
            return False
    return True


def _all_keys_are_texts(value: Any) -> bool:
    # JSON's encoder would silently make texts of numbers. No generators: this reads every value of every object.
    if isinstance(value, dict):
        if not {*map(type, value)} <= _TEXT and not all(isinstance(key, str) for key in value):
            return False
        value = value.values()
    for item in value:  # noqa: SIM110 (a generator takes twice as long)
        if type(item) not in _SCALARS and isinstance(item, _NESTS) and not _all_keys_are_texts(item):
            return False
    return True


def plain_copy(body: Mapping[str, Any]) -> tuple[dict[str, Any], list[Mismatch]]:
    """A copy that is JSON, and what had to be left out of it or made text for that."""
    mismatches: list[Mismatch] = []
    copy: dict[str, Any] = _copied(body, (), mismatches)
    return copy, mismatches


def _copied(value: Any, path: KeyPath, mismatches: list[Mismatch]) -> Any:
    if isinstance(value, Mapping):
        copy = {}
        for key, item in value.items():
            if not isinstance(key, str):
                mismatches.append(Mismatch(path=(*path, str(key)), keyword="notAName", value=key))
            copy[str(key)] = _copied(item, (*path, str(key)), mismatches)
        return copy
    if isinstance(value, list | tuple):
        return [_copied(item, (*path, index), mismatches) for index, item in enumerate(value)]
    if isinstance(value, str) and _is_text(value):
        return value
    if value is None or type(value) in (bool, int) or (type(value) is float and math.isfinite(value)):
        return value
    mismatches.append(Mismatch(path=path, keyword="notJson", value=value))
    return value.isoformat() if isinstance(value, datetime.date) else ""


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
