"""Sets of fields as `metadata.managedFields` writes them (`fieldsV1`): joined, and one taken from another."""

from collections.abc import Mapping
from typing import Any

_ITSELF = "."
"""The field that holds the others, such as `metadata.annotations`, beside them."""


def union(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """What either has."""
    return {key: union(_below(one.get(key)), _below(other.get(key))) for key in {**one, **other}}


def without(fields: Mapping[str, Any], part: Mapping[str, Any]) -> dict[str, Any]:
    """`fields` without the leaves of `part`, and without what holds nothing then."""
    left: dict[str, Any] = {}
    for key, value in fields.items():
        if key not in part:
            left[key] = value
        elif (below := _below(part[key])) and (rest := without(_below(value), below)) and set(rest) != {_ITSELF}:
            left[key] = rest
    return left


def below(fields: Mapping[str, Any], *path: str) -> Mapping[str, Any] | None:
    """What stands below a path, without the field itself; nothing below a leaf. None if the set lacks the path."""
    found: Any = fields
    for part in path:
        if not isinstance(found, Mapping) or part not in found:
            return None
        found = found[part]
    return {key: value for key, value in _below(found).items() if key != _ITSELF}


def _below(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
