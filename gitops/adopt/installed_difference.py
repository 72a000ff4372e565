"""The patch by which an object of a release becomes the one that runs: what somebody applied, without what Kubernetes filled in."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from flux.key_path import KeyPath
from live.flux_objects.running_flux import LiveObject
from live.ownership.applied_part import applied_part

Body = Mapping[str, Any]
_GONE = object()
_NOT_COMPARED = ("apiVersion", "kind", "metadata", "status")
_OWNERS_KEYS = re.compile(
    r"^((kustomize|helm)\.toolkit\.fluxcd\.io|([a-z]+\.)?fluxcd\.controlplane\.io|(app\.|deployment\.|kubectl\.)?kubernetes\.io|"
    r"(meta\.)?helm\.sh|gitops\.daviestechlabs\.io|pulumi\.com)/"
)
"""Labels and annotations that say who owns an object, or that the release and Kubernetes set themselves."""


def difference(body: Body, found: LiveObject, *, with_annotations: bool) -> dict[str, Any] | list[dict[str, Any]]:
    """A merge patch; where a list differs, which that would merge, the operations of a JSON patch. Empty where they are the same."""
    part, changes = applied_body(found), list[tuple[KeyPath, Any, bool]]()
    for key in dict.fromkeys([*body, *part]):
        if key not in _NOT_COMPARED:
            changes += _changes(body.get(key), part.get(key), found.body.get(key), (key,))
    metadata = {"labels": found.metadata.labels, **({"annotations": found.metadata.annotations} if with_annotations else {})}
    for key, given in metadata.items():
        own = body["metadata"].get(key)
        new = {name: value for name, value in persons(given).items() if (own or {}).get(name) != value}
        if new and own is None:
            changes.append((("metadata", key), new, True))
        else:
            changes += [(("metadata", key, name), value, name not in (own or {})) for name, value in new.items()]
    if any(isinstance(step, int) for path, _, _ in changes for step in path) or any(_has_list(value) for _, value, _ in changes):
        return [_operation(*change) for change in changes]
    return _merged(changes)


def applied_body(each: LiveObject) -> Body:
    """What somebody applied of it; all of it where no writer is recorded."""
    return applied_part(each.body, each.metadata.managed_fields) or each.body


def persons(given: Mapping[str, str]) -> dict[str, str]:
    """Labels or annotations without those that say who owns an object, or that the release and Kubernetes set themselves."""
    return {key: value for key, value in given.items() if not _OWNERS_KEYS.match(key)}


def _changes(expected: Any, part: Any, whole: Any, path: KeyPath) -> Iterator[tuple[KeyPath, Any, bool]]:
    """Path, value, and whether nothing is there yet. `whole`: with what was defaulted."""
    if part is None:
        if expected is not None and not _covers(whole, expected):
            yield path, _GONE, False
    elif isinstance(expected, Mapping) and isinstance(part, Mapping):
        below = whole if isinstance(whole, Mapping) else {}
        for key in dict.fromkeys([*expected, *part]):
            yield from _changes(expected.get(key), part.get(key), below.get(key), (*path, key))
    elif _are_alike(expected, part, whole):
        for index, three in enumerate(zip(expected, part, whole, strict=True)):
            yield from _changes(*three, (*path, index))
    elif expected != part:
        yield path, part, expected is None


def _are_alike(*lists: Any) -> bool:
    """Whether they are lists of objects, one for one: of texts, such as arguments, the whole list is replaced."""
    return all(isinstance(each, list) and len(each) == len(lists[0]) and all(isinstance(item, Mapping) for item in each) for each in lists)


def _covers(whole: Any, expected: Any) -> bool:
    """Whether the cluster has all of it, no matter what wrote it."""
    if isinstance(expected, Mapping):
        return isinstance(whole, Mapping) and all(_covers(whole.get(key), value) for key, value in expected.items())
    return bool(whole == expected)


def _has_list(value: Any) -> bool:
    return isinstance(value, list) or (isinstance(value, Mapping) and any(map(_has_list, value.values())))


def _operation(path: KeyPath, value: Any, is_new: bool) -> dict[str, Any]:
    pointer = "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in path)
    if value is _GONE:
        return {"op": "remove", "path": pointer}
    return {"op": "add" if is_new else "replace", "path": pointer, "value": value}


def _merged(changes: list[tuple[KeyPath, Any, bool]]) -> dict[str, Any]:
    patch: dict[str, Any] = {}
    for path, value, _ in changes:
        here = patch
        for step in path[:-1]:
            here = here.setdefault(str(step), {})
        here[str(path[-1])] = None if value is _GONE else value
    return patch
