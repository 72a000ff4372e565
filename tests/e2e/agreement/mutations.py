"""What people get wrong, done to an object at any depth."""

import copy
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from hypothesis import strategies as st

from tests.e2e.agreement.strange import METADATA, VALUES, WHOLE_METADATA
from tests.e2e.agreement.valid import JSON, RARELY, TEXT

Path = tuple[str | int, ...]
Mutation = Callable[[st.DrawFn, dict[str, Any], Mapping[str, Any]], None]

STRANGE: st.SearchStrategy[Any] = st.one_of(st.sampled_from(VALUES), st.text(TEXT, max_size=10), JSON)
MISSPELT = st.sampled_from(["branch", "foo", "secretref", "Interval", "kind", "apiVersion", "metadata", "", "a.b", "spec"])
METADATA_FIELDS = st.sampled_from([(name, value) for name, values in METADATA.items() for value in values])


@st.composite
def mutated(draw: st.DrawFn, bodies: st.SearchStrategy[dict[str, Any]], schema: Mapping[str, Any], versions: list[str]) -> dict[str, Any]:
    """An object with one to three things done to it; some of them do no harm."""
    body = copy.deepcopy(draw(bodies))
    for _ in range(draw(st.sampled_from([2, 1, 3]))):
        draw(st.sampled_from(MUTATIONS))(draw, body, schema)
    if draw(RARELY):
        body["apiVersion"] = draw(st.sampled_from([*versions, "v1", "", None, 1, f"{body['apiVersion']}beta1"]))
    return body


def replace(draw: st.DrawFn, body: dict[str, Any], schema: Mapping[str, Any]) -> None:
    """A value of another type, out of range, null, or of a strange form."""
    path = draw(st.sampled_from(sorted(_known(body, schema), key=repr)))
    _set(body, path, draw(STRANGE))


def alter(draw: st.DrawFn, body: dict[str, Any], schema: Mapping[str, Any]) -> None:
    """A text with a bit more or less."""
    texts = [path for path, found in _values(body) if isinstance(found, str) and path[0] in ("spec", "status")]
    if texts:
        path = draw(st.sampled_from(texts))
        text = _get(body, path)
        change = st.sampled_from(
            [text + "\n", " " + text, text + "x", text[1:], text[:-1], text.upper(), text * 2, text + "1h", text.replace(":", "")]
        )
        _set(body, path, draw(change))


def misspell(draw: st.DrawFn, body: dict[str, Any], schema: Mapping[str, Any]) -> None:
    """A field that there is not."""
    objects = [path for path, found in _values(body) if isinstance(found, dict) and path[:1] != ("metadata",)]
    path = draw(st.sampled_from([(), *objects]))
    holder = _get(body, path)
    name = draw(MISSPELT | st.text(TEXT, max_size=6))
    if path or name not in ("apiVersion", "kind", "metadata", "spec"):
        _set(holder, (name,), draw(st.sampled_from([None, 1, "x", {}, []])))


def remove(draw: st.DrawFn, body: dict[str, Any], schema: Mapping[str, Any]) -> None:
    """A field that is not there."""
    fields = [path for path, _ in _values(body) if isinstance(path[-1], str) and path[0] in ("spec", "status")]
    if fields:
        path = draw(st.sampled_from(fields))
        del _get(body, path[:-1])[path[-1]]


def repeat(draw: st.DrawFn, body: dict[str, Any], schema: Mapping[str, Any]) -> None:
    """An item twice, or very often."""
    lists = [path for path, found in _values(body) if isinstance(found, list) and found]
    if lists:
        items = _get(body, draw(st.sampled_from(lists)))
        items.extend(copy.deepcopy(items[:1]) * draw(st.sampled_from([1, 1, 1, 101, 1001] if len(str(items)) < 200 else [1])))


def damage_metadata(draw: st.DrawFn, body: dict[str, Any], schema: Mapping[str, Any]) -> None:
    """A name, label, annotation or other metadata that Kubernetes may not take."""
    metadata = body.get("metadata")
    if not isinstance(metadata, dict):
        return
    match draw(st.sampled_from(["edge", "edge", "edge", "type", "whole"])):
        case "edge":
            name, found = draw(METADATA_FIELDS)
            _set(metadata, (name,), found)
        case "type":
            _set(metadata, (draw(st.sampled_from(["name", "labels", "annotations", "finalizers"])),), draw(STRANGE))
        case _:
            _set(body, ("metadata",), draw(st.sampled_from(WHOLE_METADATA)))


MUTATIONS: list[Mutation] = [replace, replace, replace, alter, alter, misspell, remove, repeat, damage_metadata]


def _values(body: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    if path:
        yield path, body
    pairs = body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ()
    for key, item in pairs:
        yield from _values(item, (*path, key))


def _known(body: dict[str, Any], schema: Mapping[str, Any]) -> set[Path]:
    """Places that are filled, and fields of the schema that could be."""
    return {path for path, _ in _values(body) if path[0] in ("spec", "status")} | set(
        _fields(body.get("spec"), schema["properties"]["spec"], ("spec",))
    )


def _fields(value: Any, node: Mapping[str, Any], path: Path) -> Iterator[Path]:
    yield path
    if isinstance(value, dict):
        for name, child in node.get("properties", {}).items():
            yield from _fields(value.get(name), child, (*path, name))
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _fields(item, node.get("items", {}), (*path, index))


def _get(body: Any, path: Path) -> Any:
    for part in path:
        body = body[part]
    return body


def _set(body: dict[str, Any], path: Path, value: Any) -> None:
    # What strategies sample from is shared by all objects, and the next mutation may write into it.
    _get(body, path[:-1])[path[-1]] = copy.deepcopy(value)
