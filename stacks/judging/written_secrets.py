"""Secrets written where everyone can read them: in a variable, a patch, a header, a host's list, as a name."""

from collections.abc import Iterator
from typing import Any

from flux.secret_shapes import whole_secrets
from stacks.reading.document import Document, Places
from stacks.words.disclosed_keys import PLAIN_TEXT, written_secret
from stacks.words.place import KeyPath, Place
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


def check_rest_of_file(text: str, places: Places, problems: list[Problem]) -> None:
    """Add a problem for each secret of a file that is in none of its values: in a comment, behind `secure:`, in another program's key.

    `places` are those of its values; a problem that one of them has already is not added again.
    """
    shown = places.here.file
    found = {text.count("\n", 0, secret.start()) + 1: secret[0] for secret in whole_secrets(text)}
    if not found:
        return
    begins = sorted(_lines(places))
    told = {each.where.line for each in problems if each.where.file == shown and PLAIN_TEXT in each.message.wrong}
    for line, secret in sorted(found.items()):
        value = max((each for each in begins if each <= line), default=line)
        message = None if {line, value} & told else written_secret(secret)
        if message:
            problems.append(Problem(Place(file=shown, line=line, layer=places.here.layer), message))


def _lines(places: Places) -> Iterator[int]:
    yield places.here.line
    for below in places.below.values():
        yield from _lines(below)


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
