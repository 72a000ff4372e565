"""What looks like a secret, and therefore never stands in a message, not even as a misspelt key."""

import math
import re
from collections import Counter

from stacks.yaml_file import KeyPath

HIDDEN = "<looks like a secret>"
_KNOWN_SHAPES = re.compile(
    r"AGE-SECRET-KEY-|-----BEGIN|\bgh[pousr]_|\bgithub_pat_|\bglpat-|\bxox[abprs]-|\bAKIA[0-9A-Z]{12}|\beyJ[A-Za-z0-9_-]{10}|^v1:[A-Za-z0-9+/=]{8,}"
)
_TOKEN = re.compile(r"[A-Za-z0-9+/=_~.-]{20,}")
_BITS_OF_A_WORD = 3.6
"""Bits a character: names of people's making stay below, random characters of twenty or more stand above."""


def looks_like_a_secret(text: str) -> bool:
    """Whether `text` has the shape of a key or a token. Names in lower case with dashes and dots are no secrets, however long."""
    if _KNOWN_SHAPES.search(text) or "\n" in text:
        return True
    return any(_is_random(found) for found in _TOKEN.findall(text))


def _is_random(text: str) -> bool:
    if re.fullmatch(r"[a-z][a-z0-9]*([-._/][a-z0-9]+)*", text) and not re.search(r"[0-9a-f]{20,}|[a-z0-9]{32,}", text):
        return False
    if re.fullmatch(r"([A-Za-z][a-z]*)+", text) and len(text) < 40:
        return False
    counts = Counter(text)
    bits = -sum(count / len(text) * math.log2(count / len(text)) for count in counts.values())
    return bits > _BITS_OF_A_WORD or bool(re.fullmatch(r"[0-9a-f]{20,}", text))


def redacted_path(path: KeyPath) -> KeyPath:
    """`path` without keys that look like a secret."""
    return tuple(HIDDEN if isinstance(part, str) and looks_like_a_secret(part) else part for part in path)
