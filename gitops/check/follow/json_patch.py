"""JSON Patch: a document changed by operations, as RFC 6902 says, with the pointers of RFC 6901.

kustomize's own library also takes indices that are negative or begin with 0, which the RFC does not.
"""

import copy
import re
from collections.abc import Sequence
from typing import Any

_INDEX = re.compile(r"0|[1-9][0-9]*")
_BROKEN_ESCAPE = re.compile(r"~(?![01])")
_END = "-"
"""The element after the last one of an array."""

Tokens = list[str]


class JsonPatchError(ValueError):
    """An operation that cannot be carried out, so that the document stays as it was."""


def json_patch(document: Any, operations: Sequence[Any]) -> Any:
    """`document` after all `operations`, one after the other; neither argument is changed.

    Raises:
        JsonPatchError: one of them cannot be carried out.
    """
    changed = copy.deepcopy(document)
    for operation in operations:
        changed = _after(changed, operation)
    return changed


def _after(document: Any, operation: Any) -> Any:
    verb, path = _member(operation, "op"), _tokens(_member(operation, "path"))
    match verb:
        case "add":
            return _add(document, path, copy.deepcopy(_member(operation, "value")))
        case "remove":
            return _remove(document, path)
        case "replace":
            value = copy.deepcopy(_member(operation, "value"))
            return _add(_remove(document, path), path, value) if path else value
        case "move":
            return _moved(document, _tokens(_member(operation, "from")), path)
        case "copy":
            return _add(document, path, copy.deepcopy(_value_at(document, _tokens(_member(operation, "from")))))
        case "test":
            if not _same(_value_at(document, path), _member(operation, "value")):
                raise JsonPatchError("a test does not hold")
            return document
    raise JsonPatchError("an unknown operation")


def _moved(document: Any, source: Tokens, path: Tokens) -> Any:
    value = _value_at(document, source)
    if source == path:
        return document
    if path[: len(source)] == source:
        raise JsonPatchError("a value cannot be moved into itself")
    return _add(_remove(document, source), path, value)


def _member(operation: Any, name: str) -> Any:
    if not isinstance(operation, dict) or name not in operation:
        raise JsonPatchError(f"an operation without {name}")
    return operation[name]


def _tokens(pointer: Any) -> Tokens:
    """The steps of a JSON pointer; none of them leads to the whole document."""
    if not isinstance(pointer, str) or (pointer and not pointer.startswith("/")) or _BROKEN_ESCAPE.search(pointer):
        raise JsonPatchError("a path that is not a JSON pointer")
    return [token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:]]


def _value_at(document: Any, path: Tokens) -> Any:
    for token in path:
        if isinstance(document, list):
            document = document[_index(token, len(document) - 1)]
        elif isinstance(document, dict) and token in document:
            document = document[token]
        else:
            raise JsonPatchError("a path that leads nowhere")
    return document


def _add(document: Any, path: Tokens, value: Any) -> Any:
    if not path:
        return value
    parent, last = _value_at(document, path[:-1]), path[-1]
    if isinstance(parent, list):
        parent.insert(len(parent) if last == _END else _index(last, len(parent)), value)
    elif isinstance(parent, dict):
        parent[last] = value
    else:
        raise JsonPatchError("a path through a value that has no members")
    return document


def _remove(document: Any, path: Tokens) -> Any:
    if not path:
        raise JsonPatchError("the whole document cannot be removed")
    _value_at(document, path)
    parent, last = _value_at(document, path[:-1]), path[-1]
    del parent[int(last) if isinstance(parent, list) else last]
    return document


def _index(token: str, largest: int) -> int:
    if not _INDEX.fullmatch(token) or len(token) > len(str(largest)) or int(token) > largest:
        raise JsonPatchError("an index that the array does not have")
    return int(token)


def _same(one: Any, other: Any) -> bool:
    """Equality of JSON values: 1 is 1.0, but not true."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(value, other[key]) for key, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(_same(*pair) for pair in zip(one, other, strict=True))
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)
