"""Single YAML values as a person would write them: quoted only where they must be."""

import json
import re

from flux.bounded_documents import Bounds, UnreadableError, documents

_A_VALUE = Bounds(size=1024 * 1024)
_HARMLESS = re.compile(r"[\w./][\w./@+:-]*(?<!:)")


def scalar(text: str) -> str:
    """`text` as a plain scalar where that means the same text, else in quotes; good within braces, too."""
    plain = _HARMLESS.fullmatch(text) is not None and _read(text) == text
    return text if plain else json.dumps(text, ensure_ascii=False)


def after_a_key(text: str) -> str:
    """As `scalar`, of a text with spaces outside of braces: `[host]:2222 ssh-ed25519 …` would be a list."""
    return text if _read(f"key: {text}") == {"key": text} else json.dumps(text, ensure_ascii=False)


def _read(text: str) -> object:
    try:
        return next(documents(text, _A_VALUE), (None, 1))[0]
    except UnreadableError:  # what looks like a date, or like a list, and is none
        return None


def block(text: str, indent: int) -> str:
    """Several lines below `key: |`."""
    return "\n".join(" " * indent + line for line in text.strip().splitlines())
