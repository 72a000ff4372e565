"""Rendered stacks as JSON: what `gitops render --output json` writes, and `gitops compare` reads of another revision's own program.

Additions only, while `version` is 1. docs/render.md describes it. What is read may be anything: the other program is not this one.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, get_args

from flux.key_path import KeyPath
from gitops.rendered.stack_view import ObjectId, Refusal, StackView, object_id
from stacks.words.place import Layer, Place

VERSION = 1


class NotRenderedError(Exception):
    """A document is not what `gitops render --output json` writes."""


def document(views: Iterable[StackView]) -> dict[str, Any]:
    """All of it."""
    return {"version": VERSION, "stacks": [_stack(view) for view in views]}


def views_from(found: Any) -> dict[str, StackView]:
    """The stacks of such a document.

    Raises:
        NotRenderedError: it is none, or of another version.
    """
    try:
        if found["version"] != VERSION:
            raise NotRenderedError(f"version {found['version']!r}")
        return {str(each["name"]): _view(each) for each in found["stacks"]}
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise NotRenderedError(f"{type(error).__name__}") from None


def _stack(view: StackView) -> dict[str, Any]:
    facts = [[list(path), *_written(place)] for path in _paths(view.facts) if (place := view.place_of_fact(path))]
    objects = [
        {"body": body, "places": [[list(path), *_written(place)] for path in _paths(body) if (place := view.place(which, path))]}
        for which, body in view.objects.items()
    ]
    return {
        "name": view.name,
        "refusals": [{"where": each.where, "lines": each.lines, "sameAs": each.same_as} for each in view.refusals],
        "fluxVersion": view.flux_version,
        "facts": view.facts,
        "factPlaces": facts,
        "objects": objects,
    }


def _written(place: Place) -> list[Any]:
    return [place.file, place.line, place.layer]


def _paths(value: Any, path: KeyPath = ()) -> Iterator[KeyPath]:
    if path:
        yield path
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _paths(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _paths(item, (*path, index))


def _view(found: Mapping[str, Any]) -> StackView:
    objects: dict[ObjectId, Mapping[str, Any]] = {}
    places: dict[tuple[ObjectId, KeyPath], Place] = {}
    for each in found["objects"]:
        which = object_id(each["body"])
        objects[which] = dict(each["body"])
        places |= {(which, path): place for path, place in _places(each["places"])}
    facts = dict(_places(found["factPlaces"]))
    return StackView(
        name=str(found["name"]),
        refusals=tuple(
            Refusal(where=str(each["where"]), lines=str(each["lines"]), same_as=str(each["sameAs"])) for each in found["refusals"]
        ),
        flux_version=str(found["fluxVersion"]),
        facts=dict(found["facts"]),
        objects=objects,
        place=lambda which, path: places.get((which, path)),
        place_of_fact=facts.get,
    )


def _places(found: Iterable[Any]) -> Iterator[tuple[KeyPath, Place]]:
    for path, file, line, layer in found:
        if layer not in get_args(Layer):
            raise NotRenderedError(f"layer {layer!r}")
        yield tuple(path), Place(file=str(file), line=int(line), layer=layer)
