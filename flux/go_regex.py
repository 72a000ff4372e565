"""Regular expressions from outside, matched as the Go programs that read them do: sops, kustomize and Flux.

Python's engine tries every way to match, so that `(a+)+$` takes years for a name of 50 letters. RE2 is what Go's `regexp` comes from:
the same syntax, and time in proportion to pattern and text (https://github.com/google/re2/wiki/Syntax).
"""

from functools import cache
from typing import Any

LONGEST_PATTERN = 1_000
"""Characters. RE2 takes memory in proportion to it; selecting files or keys needs fewer."""
_MEMORY = 4 * 1024**2


def is_found(pattern: str, text: str) -> bool | None:
    """Whether `pattern` matches anywhere in `text`; None where Go would not take the pattern."""
    expression = _compiled(pattern)
    return None if expression is None else expression.search(text) is not None


def is_whole(pattern: str, text: str) -> bool | None:
    """Whether `pattern` matches all of `text`; None where Go would not take the pattern."""
    expression = _compiled(pattern)
    return None if expression is None else expression.fullmatch(text) is not None


@cache
def _compiled(pattern: str) -> Any:
    import re2  # only where there are patterns

    options = re2.Options()
    options.log_errors = False  # else each pattern that Go refuses is a line on stderr
    options.max_mem = _MEMORY
    try:
        return re2.compile(pattern, options) if len(pattern) <= LONGEST_PATTERN else None
    except (re2.error, UnicodeEncodeError):
        return None
