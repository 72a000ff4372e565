"""What removed a field: of one that a default or the catalog still gives, the entry that takes it away."""

from collections.abc import Mapping
from typing import Any

from flux.key_path import KeyPath
from gitops.rendered.stack_view import ObjectId, StackView
from stacks.words.place import Layer, Place

_ORDER: tuple[Layer, ...] = ("default", "catalog", "override")
"""Each comes before those on its left."""


def what_removed(before: StackView, after: StackView, which: ObjectId, key: KeyPath) -> Place | None:
    """Where a null removes the field, or a list replaces the one that had it; None if it was removed where it was written."""
    value: Any = after.objects.get(which)
    for depth, part in enumerate(key, 1):
        path, value = key[:depth], value.get(part) if isinstance(value, Mapping) else None
        if isinstance(value, Mapping) or depth == 1:
            continue
        was, now = before.place(which, path), after.place(which, path)
        if was is None or now is None or now.key[1 - depth :] != path[1:]:
            return None  # the program filled it in
        return now if _rank(now) > _rank(was) or (value is None and _rank(now) == _rank(was) >= 0) else None
    return None


def _rank(place: Place) -> int:
    return _ORDER.index(place.layer) if place.layer in _ORDER else -1
