"""Secrets written where everyone can read them: in a variable, a patch, a header, a host's list, as a name."""

from collections.abc import Iterator
from typing import Any

from stacks.reading.document import Document
from stacks.words.disclosed_keys import written_secret
from stacks.words.place import KeyPath
from stacks.words.problems import Problem


def check_written_secrets(document: Document, problems: list[Problem]) -> None:
    """Add a problem for each text and each name in `document` whose shape says that it is a private key or an access token.

    No environment allows one: what is committed once stays in the history of every clone.
    """
    if not written_secret("\n".join(_all_texts(document.value))):
        return
    for path, text in _texts(document.value, ()):
        if told := written_secret(text):
            problems.append(Problem(document.places.of(path), told))


def _all_texts(value: Any) -> list[str]:
    """What `_texts` finds, in no order: nearly always none is a secret, and then no place is needed."""
    found: list[str] = []
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, str):
            found.append(each)
        elif isinstance(each, dict):
            found += [key for key in each if isinstance(key, str)]
            waiting += each.values()
        elif isinstance(each, list):
            waiting += each
    return found


def _texts(value: Any, path: KeyPath) -> Iterator[tuple[KeyPath, str]]:
    if isinstance(value, str):
        yield path, value
    for key, item in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        below = (*path, key)
        if isinstance(key, str):
            yield below, key
        yield from _texts(item, below)
