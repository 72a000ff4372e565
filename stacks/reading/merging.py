"""Merging documents: the value and the place of each part of it come out together."""

from typing import Any

from stacks.reading.document import Document, Places


def merged(document: Document, *patches: Document) -> Document:
    """`document` changed by each of `patches` in turn, after RFC 7386: objects are merged, null removes, anything else replaces.

    What null took away keeps the place of that null: there it can be given back. An object that several of them give is found in the
    last of them; what it lacks is added in the catalog's entry, if that has the object.
    """
    value, places = document.value, document.places
    for patch in patches:
        value, places = _merge(value, places, patch.value, patch.places)
    return Document(value, places)


def _merge(value: Any, places: Places, patch: Any, patch_places: Places) -> tuple[Any, Places]:
    if not isinstance(patch, dict):
        return patch, patch_places
    if not isinstance(value, dict):
        value, places = {}, Places(patch_places.here)
    kept, below = dict(value), dict(places.below)
    for key, item in patch.items():
        written = patch_places.in_key(key)
        if item is None:
            kept.pop(key, None)
            below[key] = written
        elif isinstance(item, dict):
            known = kept.get(key)
            kept[key], below[key] = _merge(known, places.in_key(key) if isinstance(known, dict) else written, item, written)
        else:
            kept[key], below[key] = item, written
    return kept, Places(patch_places.here, below, lacks=places.lacks if places.lacks.layer == "catalog" else patch_places.lacks)
