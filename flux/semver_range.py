"""Ranges of versions, as Flux reads them: those of github.com/Masterminds/semver v3 (constraints.go)."""

import re

_VERSION = (
    r"v?[0-9xX*]+(\.[0-9xX*]+)?(\.[0-9xX*]+)?"
    r"(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?"
    r"(\+[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?"
)
_OPERATOR = r"(?:=>|>=|=<|<=|!=|~>|=|>|<|~|\^)"
_AFTER_AN_OPERATOR = re.compile(rf"({_OPERATOR})\s+")
_COMMA = re.compile(r"\s*,\s*")
_PART = re.compile(rf"{_OPERATOR}?{_VERSION}", re.ASCII)
_LONGEST = 256
"""Of a range that is judged at all; a longer one is not written in practice."""


def is_range(text: str) -> bool:
    """Whether `text` is a range of versions, or one version."""
    return len(text) <= _LONGEST and all(_is_alternative(each) for each in text.split("||"))


def _is_alternative(text: str) -> bool:
    """Whether each word is a version with or without an operator; `-` stands between two versions."""
    words = _COMMA.sub(" ", _AFTER_AN_OPERATOR.sub(r"\1", text)).split()
    if words[:1] == ["-"] or words[-1:] == ["-"]:
        return False
    return bool(words) and all(word == "-" or _PART.fullmatch(word) for word in words)
