"""JSON Patch: a document changed by operations, as kustomize does it (RFC 6902 and 6901, read by github.com/evanphx/json-patch v4).

Where that library takes more than the RFC, so does this module, or its object would differ from kustomize's: indices
may be negative, have a sign or begin with 0; `replace` creates a key; a key that does not exist is `null` for `test` and `copy`; a missing
`value` is `null`; what stands before the first `/` of a path is ignored. tests/flux/test_json_patch.py compares with kustomize.
"""

import copy
import re
from collections.abc import Sequence
from typing import Any

_INDEX = re.compile(r"(?P<sign>[+-]?)0*(?P<digits>[0-9]{1,18})")
_AS_RELEASED = "Write the path of a field that the object has."
_END = "-"
"""The element after the last one of an array."""

Tokens = list[str]


class JsonPatchError(ValueError):
    """An operation that cannot be carried out, so that the document stays as it was."""

    def __init__(self, wrong: str, fix: str, *, key: str = "path", always: bool = False) -> None:
        """`wrong` is a clause of its own, `fix` a sentence, `key` the member of the operation that is wrong.

        `always`: whether it is wrong for every document.
        """
        super().__init__(wrong)
        self.fix = fix
        self.key = key
        self.always = always


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
            return _add(document, path, copy.deepcopy(operation.get("value")))
        case "remove":
            return _remove(document, path)
        case "replace":
            return _replace(document, path, copy.deepcopy(operation.get("value")))
        case "move":
            return _moved(document, _tokens(_member(operation, "from")), path)
        case "copy":
            return _add(document, path, copy.deepcopy(_read(document, _some(_tokens(_member(operation, "from"))))))
        case "test":
            if not _same(_read(document, path), operation.get("value")):
                raise JsonPatchError("the test does not hold", "Correct its value, or remove the test.", key="op")
            return document
        case _:
            raise JsonPatchError("this operation does not exist", "Write add, remove, replace, move, copy or test.", key="op", always=True)


def _moved(document: Any, source: Tokens, path: Tokens) -> Any:
    value = _read(document, source)
    return _add(_remove(document, source), path, value)


def _member(operation: Any, name: str) -> Any:
    if not isinstance(operation, dict) or name not in operation:
        raise JsonPatchError(f"`{name}` is missing", f"Add `{name}`.", key=name, always=True)
    return operation[name]


def _tokens(pointer: Any) -> Tokens:
    """The steps of a JSON pointer; none of them leads to the whole document."""
    if not isinstance(pointer, str) or (pointer and "/" not in pointer):
        raise JsonPatchError(
            "the path is not a JSON pointer", "Write the path with a `/` before each key, like /spec/replicas.", always=True
        )
    return [token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:]]


def _value_at(document: Any, path: Tokens) -> Any:
    for token in path:
        if isinstance(document, list):
            document = document[_index(token, len(document))]
        elif isinstance(document, dict) and token in document:
            document = document[token]
        else:
            raise JsonPatchError("the path does not exist", _AS_RELEASED)
    return document


def _some(path: Tokens) -> Tokens:
    if not path:
        raise JsonPatchError("the path is empty", "Write the path of a field, like /spec/replicas.", always=True)
    return path


def _read(document: Any, path: Tokens) -> Any:
    """As `_value_at`, but a last key that does not exist is null."""
    parent = _value_at(document, path[:-1])
    return parent.get(path[-1]) if path and isinstance(parent, dict) else _value_at(document, path)


def _add(document: Any, path: Tokens, value: Any) -> Any:
    parent, last = _value_at(document, _some(path)[:-1]), path[-1]
    if isinstance(parent, list):
        parent.insert(len(parent) if last == _END else _index(last, len(parent) + 1, or_its_end=True), value)
    elif isinstance(parent, dict):
        parent[last] = value
    else:
        raise JsonPatchError("the path leads through a value without fields", _AS_RELEASED)
    return document


def _replace(document: Any, path: Tokens, value: Any) -> Any:
    if not path:
        return value
    parent, last = _value_at(document, path[:-1]), path[-1]
    if isinstance(parent, list):
        parent[_index(last, len(parent))] = value
        return document
    return _add(document, path, value)


def _remove(document: Any, path: Tokens) -> Any:
    _value_at(document, _some(path))
    parent, last = _value_at(document, path[:-1]), path[-1]
    del parent[_index(last, len(parent)) if isinstance(parent, list) else last]
    return document


def _index(token: str, count: int, *, or_its_end: bool = False) -> int:
    """One of `count` positions, from 0; a negative one is counted from the end. `or_its_end`: whether `-` would be one, too."""
    written = _INDEX.fullmatch(token)
    index = int(written["digits"]) * (-1 if written["sign"] == "-" else 1) if written else count
    if not -count <= index < count:
        fix = "Write an index of the list, or `-` to add at its end." if or_its_end else "Write an index of the list."
        raise JsonPatchError("the list has no such index", fix)
    return index + count if index < 0 else index


def _same(one: Any, other: Any) -> bool:
    """Equality of JSON values: 1 is 1.0, but not true."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(value, other[key]) for key, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(_same(*pair) for pair in zip(one, other, strict=True))
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)
