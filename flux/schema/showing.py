"""How a value is mentioned: as it is when it is short and harmless, and never when it could be a secret."""

import json
from collections.abc import Mapping
from typing import Any

from flux.key_path import KeyPath
from flux.random_text import LONG_RUN
from flux.secret_patterns import FIELD_THAT_MAY_HOLD_A_SECRET
from flux.secret_shapes import could_be_secret, name_could_be_secret

LONGEST = 60


def shown(value: Any, path: KeyPath) -> str | None:
    """The value as people write it; None when it is not to be repeated, because of itself or of the field that it stands in."""
    if _is_secret_place(path):
        return None
    if isinstance(value, str):
        return (
            json.dumps(value, ensure_ascii=False) if len(value) <= LONGEST and not could_be_secret(value) and value.isprintable() else None
        )
    if value is None or isinstance(value, bool | int | float):
        written = json.dumps(value)
        return written if len(written) < LONG_RUN else None
    return None


def mentioned(value: Any, path: KeyPath) -> str:
    """The value as the subject of a sentence."""
    return shown(value, path) or f"this {sort_of(value)}"


def sort_of(value: Any) -> str:
    """What people call such a value."""
    if value is None:
        return "empty value"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, str):
        return "text"
    if isinstance(value, int | float):
        return "number"
    return "list" if isinstance(value, list) else "map" if isinstance(value, Mapping) else type(value).__name__


def shown_name(name: str) -> str | None:
    """The name of a field that does not exist; None when it looks like a secret that got into the wrong place."""
    return None if len(name) > LONGEST or not name.isprintable() or name_could_be_secret(name) else name


def _is_secret_place(path: KeyPath) -> bool:
    names = [part for part in path if isinstance(part, str)]
    return bool(names) and bool(FIELD_THAT_MAY_HOLD_A_SECRET.search(names[-1]))
