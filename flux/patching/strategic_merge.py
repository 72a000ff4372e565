"""Strategic merge patch: a merge patch that changes single items of those lists that Kubernetes merges, such as containers by their name.

As k8s.io/apimachinery, pkg/util/strategicpatch; tests/flux/test_strategic_merge.py compares with `kubectl patch --type strategic`. Of a
kind that is not built in, Kubernetes knows no lists to merge: a patch is then a JSON merge patch (RFC 7386).
"""

from collections.abc import Mapping
from typing import Any

from flux.errors import FluxInputError
from flux.key_path import KeyPath
from flux.message import Message
from flux.patching.kubernetes_types import TypeNode, field_of, merging_of, resolved, type_of

_DIRECTIVE = "$patch"
_RETAINED = "$retainKeys"
_REMOVED = "$deleteFromPrimitiveList/"
_ORDER = "$setElementOrder/"
_NONE: TypeNode = {}


def strategic_merge(body: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    """`body` changed by `patch`; neither is changed.

    Raises:
        FluxInputError: the patch cannot be carried out; its path is that in the patch.
    """
    merged: dict[str, Any] = _object(body, patch, type_of(str(body.get("kind"))), ())
    return merged


def _object(before: Mapping[str, Any], patch: Mapping[str, Any], node: TypeNode, path: KeyPath) -> dict[str, Any]:
    node = resolved(node)
    if (directive := patch.get(_DIRECTIVE)) is not None:
        rest = {key: value for key, value in patch.items() if key != _DIRECTIVE}
        if directive == "replace":
            return rest
        if directive == "delete":
            return {}
        if directive != "merge":
            raise _wrong((*path, _DIRECTIVE), "is no directive", "Write replace, delete or merge.")
        patch = rest
    after = dict(before)
    if isinstance(retained := patch.get(_RETAINED), list):
        after = {key: value for key, value in after.items() if key in retained}
    for key, value in patch.items():
        if key.startswith(_REMOVED) and isinstance(value, list):
            name = key.removeprefix(_REMOVED)
            after[name] = [item for item in after.get(name) or [] if item not in value]
        elif key == _RETAINED or key.startswith(_ORDER):
            continue
        elif value is None:
            after.pop(key, None)
        else:
            after[key] = _value(after.get(key), value, field_of(node, key), (*path, key))
    return after


def _value(before: Any, patch: Any, node: TypeNode, path: KeyPath) -> Any:
    if isinstance(patch, Mapping):
        return _object(before if isinstance(before, Mapping) else {}, patch, node, path)
    if isinstance(patch, list) and merging_of(node).is_list:
        return _list(before if isinstance(before, list) else [], patch, node, path)
    return patch


def _list(before: list[Any], patch: list[Any], node: TypeNode, path: KeyPath) -> list[Any]:
    key, items = merging_of(node).key, resolved(node).get("items", _NONE)
    if key is None:
        return [*before, *(item for item in patch if item not in before)]
    if any(isinstance(item, Mapping) and item.get(_DIRECTIVE) == "replace" for item in patch):
        return [item for item in patch if not (isinstance(item, Mapping) and item.get(_DIRECTIVE) == "replace")]
    there = {_shown(item[key]): item for item in before if isinstance(item, Mapping) and item.get(key) is not None}
    changed: dict[str, Any] = {}
    gone: set[str] = set()
    for index, item in enumerate(patch):
        if not isinstance(item, Mapping) or item.get(key) is None:
            wrong = f"has no {key}, by which Kubernetes merges this list"
            raise _wrong((*path, index), wrong, f"Write the {key} of the item to change, or of a new one.")
        name = _shown(item[key])
        if item.get(_DIRECTIVE) == "delete":
            gone.add(name)
        else:
            changed[name] = _object(changed.get(name, there.get(name, {})), item, items, (*path, index))
    return _in_order([item for item in before if _name(item, key) not in gone], changed, key)


def _in_order(before: list[Any], changed: dict[str, Any], key: str) -> list[Any]:
    """Items that the patch names are in its order, the others in theirs; one of those comes first only where it did (mergeSortedSlice)."""
    positions = {_name(item, key): index for index, item in enumerate(before)}
    after: list[Any] = []
    named = list(changed.items())
    for index, item in enumerate(before):
        if _name(item, key) in changed:
            continue
        while named and not index < positions.get(named[0][0], -1):
            after.append(named.pop(0)[1])
        after.append(item)
    return [*after, *(item for _, item in named)]


def _name(item: Any, key: str) -> str | None:
    return _shown(item[key]) if isinstance(item, Mapping) and item.get(key) is not None else None


def _shown(value: Any) -> str:
    """Kubernetes compares merge keys as they are printed."""
    return f"{value}"


def _wrong(path: KeyPath, wrong: str, fix: str) -> FluxInputError:
    return FluxInputError(Message(wrong, "The patch could not be applied.", fix), path)
