"""JSON merge patch."""

from typing import Any


def merge_patch(target: Any, patch: Any) -> Any:
    """Return `target` changed by `patch` after RFC 7386: objects are merged, null removes, anything else replaces.

    Neither argument is changed.
    """
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = merge_patch(merged.get(key), value)
    return merged


def compose_patches(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    """Return the one patch that does what `first` and then `second` do; unlike in a merge, what null removes stays null."""
    composed = dict(first)
    for key, value in second.items():
        before = composed.get(key)
        composed[key] = compose_patches(before, value) if isinstance(before, dict) and isinstance(value, dict) else value
    return composed
