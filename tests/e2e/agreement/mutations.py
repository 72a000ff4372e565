"""What people get wrong, done to an object at any depth."""

import copy
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from hypothesis import strategies as st

from tests.e2e.agreement.valid import JSON, RARELY, TEXT

Path = tuple[str | int, ...]
Mutation = Callable[[st.DrawFn, dict[str, Any], Mapping[str, Any]], None]

STRANGE: st.SearchStrategy[Any] = st.one_of(
    st.sampled_from(
        [
            *(None, "", " ", 0, 1, -1, 1.0, 1.5, -0.0, True, False, [], {}, [None], [""], {"name": "x"}, {"": ""}),
            *(2**53, 2**53 + 1, 2**63 - 1, 2**63, -(2**63), -(2**63) - 1, 2**70, float(2**53 - 1), float(2**53), float(2**62), 1e20, 1e300),
            *(
                "5 minutes",
                "300",
                "true",
                "5m\n",
                "1d",
                "git@host:path",
                "HTTP://x",
                "a" * 300,
                "a" * 1100,
                "é" * 64,
                "\n",
                "\u2028",
                "\x00",
            ),
        ]
    ),
    st.text(TEXT, max_size=10),
    JSON,
)
FIELD_NAMES = st.sampled_from(["branch", "foo", "secretref", "Interval", "kind", "apiVersion", "metadata", "", "a.b", "spec"]) | st.text(
    TEXT, max_size=6
)
NAMES: st.SearchStrategy[Any] = st.sampled_from(
    [
        "",
        "A",
        "a_b",
        "-a",
        "a-",
        "a..b",
        ".a",
        "a.b",
        "a" * 63,
        "a" * 64,
        "a" * 253,
        "a" * 254,
        "x y",
        "ä",
        "a\n",
        "1",
        None,
        1,
        True,
        [],
        {},
    ]
)
KEYS = st.sampled_from(
    [
        "",
        "a",
        "A/b",
        "a/B",
        "/a",
        "a/",
        "a/b/c",
        "a b",
        "-a",
        "a-",
        "a_b",
        "a" * 63,
        "a" * 64,
        "a/" + "b" * 64,
        "a." * 126 + "a/x",
        "a" * 254 + "/x",
        "ä",
        "_a",
        "a.b/c",
        "a..b/c",
        "App.kubernetes.io/name",
        "a\n",
    ]
)
LABELS: st.SearchStrategy[Any] = st.sampled_from(
    ["", "a", "A_b.c-d", "-a", "a-", "a b", "a/b", "a" * 63, "a" * 64, "ä", None, 1, True, "1", [], {}, 1.5, "a\n"]
)
OTHERS: st.SearchStrategy[Any] = st.one_of(
    st.tuples(st.just("generateName"), st.sampled_from(["", "a-", "a", "A-", "-", "a.", "a--", "a" * 300, "a.-", "x_", None, 1, "--"])),
    st.tuples(st.just("namespace"), st.sampled_from(["", "flux-system", "A", "a.b", "a_b", None, 1, [], "a" * 64])),
    st.tuples(st.just("finalizers"), st.sampled_from([[], ["a"], ["a/b"], ["a b"], [""], [None], [1], "a", None, ["orphan"], {}])),
    st.tuples(st.just("finalizers"), st.just(["orphan", "foregroundDeletion"])),
    st.tuples(st.just("generation"), st.sampled_from([0, 1, -1, "1", 1.0, 1.5, None, 2**63, 2**53 + 1, float(2**60), 1e20])),
    st.tuples(st.just("deletionGracePeriodSeconds"), st.sampled_from([0, -1, "1", 1.0, None])),
    st.tuples(
        st.sampled_from(["creationTimestamp", "deletionTimestamp"]),
        st.sampled_from(
            [
                *(None, "", "now", 0, "2026-01-02T03:04:05Z", "2026-01-02", "2026-01-02T03:04:05", "2026-01-02T03:04:05.123+02:00"),
                *("2026-01-02T3:04:05Z", "2026-02-30T03:04:05Z", "2026-13-02T03:04:05Z", "2026-01-02t03:04:05z", "2026-01-02T24:04:05Z"),
                *("2026-01-02T03:04:60Z", "0000-01-01T00:00:00Z", "2026-01-02T03:04:05+25:00", "2026-01-02T03:04:05,5Z"),
                *("2026-01-00T03:04:05Z", "2024-02-29T03:04:05Z", "2026-02-29T03:04:05Z", "0001-01-01T00:00:00Z"),
                *("2026-01-02T03:04:05+24:60", "2026-01-02T03:04:05+00:61", "0000-02-29T00:00:00Z"),
            ]
        ),
    ),
    st.tuples(st.sampled_from(["uid", "selfLink"]), st.sampled_from(["", "x", None, 1])),
    st.tuples(st.just("resourceVersion"), st.sampled_from(["", "0", "1", "x", None, 1])),
    st.tuples(st.just("managedFields"), st.sampled_from([[], None, {}, "x", [1], [{}], [{"foo": 1}], [{"time": "x"}], [{"manager": 1}]])),
    st.tuples(
        st.just("ownerReferences"),
        st.lists(
            st.fixed_dictionaries(
                {
                    "apiVersion": st.sampled_from(["v1", "a/v1", "", "a/b/c", "a/"]),
                    "kind": st.sampled_from(["A", "", "Event"]),
                    "name": st.just("a"),
                    "uid": st.just("u"),
                },
                optional={"controller": st.sampled_from([True, False, None, "x"]), "blockOwnerDeletion": st.booleans(), "foo": st.just(1)},
            ),
            max_size=2,
        ),
    ),
    st.tuples(st.just("ownerReferences"), st.sampled_from([[], None, {}, [None], [{}], ["x"], [{"name": 1}]])),
    st.tuples(st.sampled_from(["foo", "Name", "Labels", "clusterName", "", "initializers"]), st.sampled_from(["x", None, {}, 1])),
)  # fmt: skip


@st.composite
def mutated(draw: st.DrawFn, bodies: st.SearchStrategy[dict[str, Any]], schema: Mapping[str, Any], versions: list[str]) -> dict[str, Any]:
    """An object with one to three things done to it; some of them do no harm."""
    body = copy.deepcopy(draw(bodies))
    for _ in range(draw(st.sampled_from([1, 2, 3]))):
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
    name = draw(FIELD_NAMES)
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
    match draw(st.sampled_from(["name", "label", "annotation", "other", "other", "type", "whole"])):
        case "name":
            metadata["name"] = draw(NAMES)
        case "label":
            metadata["labels"] = {draw(KEYS): draw(LABELS), "fine": "yes"}
        case "annotation":
            metadata["annotations"] = {draw(KEYS): draw(LABELS)}
        case "other":
            name, found = draw(OTHERS)
            _set(metadata, (name,), found)
        case "type":
            _set(metadata, (draw(st.sampled_from(["name", "labels", "annotations", "namespace", "finalizers"])),), draw(STRANGE))
        case _:
            _set(body, ("metadata",), draw(st.sampled_from([None, {}, "x", [], {"generateName": "a-"}, {"name": ""}, {"name": None}])))


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
