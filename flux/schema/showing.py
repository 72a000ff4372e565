"""How a value is mentioned: as it is when it is short and harmless, and never when it could be a secret."""

import itertools
import json
import re
from collections.abc import Mapping
from typing import Any

from flux.key_path import KeyPath

LONGEST = 60
LONG_RUN = 20
_SECRET_KEY = re.compile(r"pass(word|wd|phrase|$)|token|secret|credential|private|identity|key$|auth$", re.IGNORECASE)
_SECRET_TEXT = re.compile(
    r"AGE-SECRET-KEY|-----BEGIN|\beyJ|AKIA[0-9A-Z]{8}|\b(gh[opsu]_|github_pat_|glpat-|xox[a-z]-|sk-|hf_)|"
    r"://[^/\s]*@|^[^/\s@]+:[^/\s@]+@|[?&][^=\s]*(token|key|secret|password|sig)[^=\s]*=",
    re.IGNORECASE,
)
_RUN = re.compile(rf"[A-Za-z0-9+=]{{{LONG_RUN},}}")
_RUN_WITH_DASHES = re.compile(rf"[A-Za-z0-9+=_-]{{{LONG_RUN},}}")


def shown(value: Any, path: KeyPath) -> str | None:
    """The value as people write it; None when it is not to be repeated, because of itself or of the field that it stands in."""
    if _is_secret_place(path):
        return None
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False) if len(value) <= LONGEST and not looks_secret(value) and value.isprintable() else None
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


def looks_secret(text: str) -> bool:
    """Whether a text could be a key, a token or a URL with a password."""
    if _SECRET_TEXT.search(text) or _RUN.search(text):
        return True
    return any(_many_digits(run) for run in _RUN_WITH_DASHES.findall(text))


def shown_name(name: str) -> str | None:
    """The name of a field that there is not; None when it looks like a secret that got into the wrong place."""
    if len(name) > LONGEST or not name.isprintable() or _SECRET_TEXT.search(name):
        return None
    return None if any(_many_digits(run) or _changes_case_often(run) for run in _RUN_WITH_DASHES.findall(name)) else name


def _is_secret_place(path: KeyPath) -> bool:
    names = [part for part in path if isinstance(part, str)]
    return bool(names) and bool(_SECRET_KEY.search(names[-1]))


def _many_digits(run: str) -> bool:
    return sum(letter.isdigit() for letter in run) >= 3


def _changes_case_often(run: str) -> bool:
    return sum(a.islower() != b.islower() for a, b in itertools.pairwise(run)) > len(run) * 0.4
