"""A value as people read it."""

from flux.sentence_with_values import text_of
from gitops.compare.field_changes import MISSING, FieldChange
from gitops.compare.sentence import Sentence, say

__all__ = ["text_of", "values_of", "what_changes"]


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
