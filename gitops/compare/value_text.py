"""A value, and the path of a field, as people read them."""

import re
from typing import Any

from flux.sentence_with_values import text_of
from gitops.compare.field_changes import MISSING, FieldChange
from gitops.compare.sentence import Sentence, say

__all__ = ["path_of", "short", "text_of", "values_of", "what_changes"]

_DIGEST = re.compile(r"\b(sha256:[0-9a-f]{12})[0-9a-f]{52}\b")
_NEEDS_QUOTES = re.compile(r"[./]")


def short(value: Any) -> str:
    """The same for a sentence: of a digest, its beginning."""
    return _DIGEST.sub(r"\1…", text_of(value))


def path_of(field: FieldChange) -> str:
    """`metadata.labels["sharding.fluxcd.io/key"]`: a key with a dot or a slash in quotes."""
    rest, shown = field.path, ""
    for part in field.key:
        name = str(part)
        if isinstance(part, int) and rest.startswith("["):
            item, closing, rest = rest.partition("]")
            shown += item + closing
        elif not isinstance(part, int) and rest.startswith(f"{'.' if shown else ''}{name}"):
            dot = "." if shown else ""
            rest = rest.removeprefix(dot).removeprefix(name)
            shown += f'["{name}"]' if _NEEDS_QUOTES.search(name) else f"{dot}{name}"
        else:
            return field.path
    return shown + rest


def what_changes(field: FieldChange, path: str) -> Sentence:
    """`interval 15m → 5m`, `suspend true is added`, `timeout 5m is removed`."""
    values = values_of(field)
    return Sentence(f"{{}} {values.words}", (path.removesuffix("[]"), *values.values))


def values_of(field: FieldChange) -> Sentence:
    """`15m → 5m`."""
    if field.before is MISSING:
        return say("{} is added", short(field.after))
    if field.after is MISSING:
        return say("{} is removed", short(field.before))
    return say("{} → {}", short(field.before), short(field.after))
