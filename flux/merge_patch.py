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
