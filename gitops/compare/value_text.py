"""A value as people read it."""

import json
from typing import Any

from gitops.compare.field_changes import MISSING, FieldChange
from gitops.compare.sentence import Sentence, say


def text_of(value: Any) -> str:
    """A text as it is, anything else as JSON on one line."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)


def what_changes(field: FieldChange, path: str) -> Sentence:
    """`interval 15m → 5m`, `suspend true is added`, `timeout 5m is unset`."""
    values = values_of(field)
    return Sentence(f"{{}} {values.words}", (path.removesuffix("[]"), *values.values))


def values_of(field: FieldChange) -> Sentence:
    """`15m → 5m`."""
    if field.before is MISSING:
        return say("{} is added", text_of(field.after))
    if field.after is MISSING:
        what = "is removed" if field.path.endswith("]") else "is unset"
        return say(f"{{}} {what}", text_of(field.before))
    return say("{} → {}", text_of(field.before), text_of(field.after))
