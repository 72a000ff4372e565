"""JSON merge patch: the table of RFC 7386, appendix A."""

import copy
import json
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from flux.merge_patch import compose_patches, merge_patch

TABLE = [
    ('{"a":"b"}', '{"a":"c"}', '{"a":"c"}'),
    ('{"a":"b"}', '{"b":"c"}', '{"a":"b","b":"c"}'),
    ('{"a":"b"}', '{"a":null}', "{}"),
    ('{"a":"b","b":"c"}', '{"a":null}', '{"b":"c"}'),
    ('{"a":["b"]}', '{"a":"c"}', '{"a":"c"}'),
    ('{"a":"c"}', '{"a":["b"]}', '{"a":["b"]}'),
    ('{"a":{"b":"c"}}', '{"a":{"b":"d","c":null}}', '{"a":{"b":"d"}}'),
    ('{"a":[{"b":"c"}]}', '{"a":[1]}', '{"a":[1]}'),
    ('["a","b"]', '["c","d"]', '["c","d"]'),
    ('{"a":"b"}', '["c"]', '["c"]'),
    ('{"a":"foo"}', "null", "null"),
    ('{"a":"foo"}', '"bar"', '"bar"'),
    ('{"e":null}', '{"a":1}', '{"e":null,"a":1}'),
    ("[1,2]", '{"a":"b","c":null}', '{"a":"b"}'),
    ("{}", '{"a":{"bb":{"ccc":null}}}', '{"a":{"bb":{}}}'),
]


@pytest.mark.parametrize(("target", "patch", "result"), TABLE, ids=[f"{target} + {patch}" for target, patch, _ in TABLE])
def test_the_rfcs_examples(target: str, patch: str, result: str) -> None:
    assert merge_patch(json.loads(target), json.loads(patch)) == json.loads(result)


def test_neither_argument_is_changed() -> None:
    target: dict[str, Any] = {"spec": {"ref": {"branch": "main", "name": None}}}
    patch: dict[str, Any] = {"spec": {"ref": {"branch": None, "tag": "v1"}}}
    before = copy.deepcopy((target, patch))

    merge_patch(target, patch)

    assert (target, patch) == before


JSON = st.recursive(st.none() | st.integers(0, 2), lambda inner: st.dictionaries(st.sampled_from("abc"), inner, max_size=3), max_leaves=6)
OBJECTS = st.dictionaries(st.sampled_from("abc"), JSON, max_size=3)


@given(target=OBJECTS, first=OBJECTS, second=OBJECTS)
def test_composed_patches_do_what_one_after_the_other_does(target: dict[str, Any], first: dict[str, Any], second: dict[str, Any]) -> None:
    assume(not _replaces_and_merges(first, second))

    assert merge_patch(target, compose_patches(first, second)) == merge_patch(merge_patch(target, first), second)


def _replaces_and_merges(first: dict[str, Any], second: dict[str, Any]) -> bool:
    """One patch makes a key something else than an object, and the other merges into it: no single patch says that."""
    shared = [(first[key], second[key]) for key in first.keys() & second.keys()]
    return any(_replaces_and_merges(one, other) if isinstance(one, dict) else True for one, other in shared if isinstance(other, dict))


def test_what_null_removes_stays_null_in_a_composed_patch() -> None:
    assert compose_patches({"a": 1, "b": {"c": 1}}, {"a": None, "b": {"c": None, "d": 2}}) == {"a": None, "b": {"c": None, "d": 2}}
