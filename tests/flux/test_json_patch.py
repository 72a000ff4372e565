"""The cases of RFC 6902's appendix A, with other documents, and what kustomize does besides, compared with kustomize itself."""

import copy
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from flux.patching.json_patch import JsonPatchError, json_patch

Operation = dict[str, Any]


@pytest.mark.parametrize(
    ("document", "operation", "expected"),
    [
        ({"a": 1}, {"op": "add", "path": "/b", "value": 2}, {"a": 1, "b": 2}),
        ({"l": ["a", "c"]}, {"op": "add", "path": "/l/1", "value": "b"}, {"l": ["a", "b", "c"]}),
        ({"l": ["a"]}, {"op": "add", "path": "/l/1", "value": "b"}, {"l": ["a", "b"]}),
        ({"l": ["a"]}, {"op": "add", "path": "/l/-", "value": ["b", "c"]}, {"l": ["a", ["b", "c"]]}),
        ({"a": 1}, {"op": "add", "path": "/b", "value": {"c": {}}, "unknown": 1}, {"a": 1, "b": {"c": {}}}),
        ({"a": 1}, {"op": "add", "path": "/a", "value": None}, {"a": None}),
        ({"a": 1, "b": 2}, {"op": "remove", "path": "/b"}, {"a": 1}),
        ({"l": ["a", "b", "c"]}, {"op": "remove", "path": "/l/1"}, {"l": ["a", "c"]}),
        ({"a": 1, "b": 2}, {"op": "replace", "path": "/a", "value": "x"}, {"a": "x", "b": 2}),
        ({"l": ["a", "b"]}, {"op": "replace", "path": "/l/0", "value": "x"}, {"l": ["x", "b"]}),
        ({"a": 1}, {"op": "replace", "path": "", "value": 2}, 2),
        ({"a": {"x": 1, "y": 2}, "b": {}}, {"op": "move", "from": "/a/x", "path": "/b/z"}, {"a": {"y": 2}, "b": {"z": 1}}),
        ({"l": ["a", "b", "c", "d"]}, {"op": "move", "from": "/l/1", "path": "/l/3"}, {"l": ["a", "c", "d", "b"]}),
        ({"a": {"x": 1}}, {"op": "move", "from": "/a/x", "path": "/a/x"}, {"a": {"x": 1}}),
        ({"l": ["a", "b"]}, {"op": "copy", "from": "/l/0", "path": "/l/2"}, {"l": ["a", "b", "a"]}),
        ({"a": "x", "l": [1, "b"]}, {"op": "test", "path": "/l/1", "value": "b"}, {"a": "x", "l": [1, "b"]}),
        ({"/": 9, "~1": 10}, {"op": "test", "path": "/~01", "value": 10}, {"/": 9, "~1": 10}),
        ({"a/b": 1}, {"op": "remove", "path": "/a~1b"}, {}),
        ({"": 1}, {"op": "remove", "path": "/"}, {}),
        ({"a": 1}, {"op": "test", "path": "/a", "value": 1.0}, {"a": 1}),
        ({"a": [{"b": 1, "c": 2}]}, {"op": "test", "path": "/a", "value": [{"c": 2, "b": 1}]}, {"a": [{"b": 1, "c": 2}]}),
    ],
)  # fmt: skip
def test_an_operation_does_what_the_rfc_says(document: Any, operation: Operation, expected: Any) -> None:
    before = copy.deepcopy(document)
    assert json_patch(document, [operation]) == expected
    assert document == before, "what others still use is left alone"


@pytest.mark.parametrize(
    ("document", "operation"),
    [
        ({"a": 1}, {"op": "add", "path": "/b/c", "value": 1}),
        ({"a": "text"}, {"op": "add", "path": "/a/b", "value": 1}),
        ({"l": ["a"]}, {"op": "add", "path": "/l/2", "value": 1}),
        ({"a": 1}, {"op": "add", "path": "", "value": {"b": 2}}),
        ({"l": ["a", "b", "c"]}, {"op": "remove", "path": "/l/\N{SUPERSCRIPT TWO}"}),
        ({"l": ["a", "b", "c"]}, {"op": "remove", "path": "/l/\N{ARABIC-INDIC DIGIT ONE}"}),
        ({"l": ["a", "b"]}, {"op": "remove", "path": "/l/-3"}),
        ({"l": ["a", "b"]}, {"op": "remove", "path": "/l/1e0"}),
        ({"l": ["a", "b"]}, {"op": "remove", "path": f"/l/{'9' * 5000}"}),
        ({"l": ["a", "b"]}, {"op": "remove", "path": "/l/-"}),
        ({"l": ["a", "b"]}, {"op": "replace", "path": "/l/-", "value": 1}),
        ({"l": ["a", "b"]}, {"op": "remove", "path": "/l/2"}),
        ({"l": []}, {"op": "remove", "path": "/l/0"}),
        ({"a": 1}, {"op": "remove", "path": "/b"}),
        ({"a": 1}, {"op": "remove", "path": ""}),
        ({"a": 1}, {"op": "replace", "path": "/b/c", "value": 1}),
        ({"l": []}, {"op": "replace", "path": "/l/0", "value": 1}),
        ({"a": 1}, {"op": "move", "from": "/b", "path": "/c"}),
        ({"a": {"b": {}}}, {"op": "move", "from": "/a", "path": "/a/b/c"}),
        ({"a": 1}, {"op": "copy", "from": "/b/c", "path": "/c"}),
        ({"a": 1}, {"op": "copy", "from": "", "path": "/c"}),
        ({"a": "x"}, {"op": "test", "path": "/a", "value": "y"}),
        ({"a": 1}, {"op": "test", "path": "/a", "value": "1"}),
        ({"a": 1}, {"op": "test", "path": "/a", "value": True}),
        ({"a": 1}, {"op": "test", "path": "/b", "value": 1}),
        ({"a": 1}, {"op": "test", "path": "/b/c", "value": None}),
        ({"l": ["a", "b"]}, {"op": "test", "path": "/l", "value": ["a"]}),
        ({"a": 1}, {"op": "add", "value": 1}),
        ({"a": 1}, {"op": "copy", "path": "/b"}),
        ({"a": 1}, {"path": "/a"}),
        ({"a": 1}, {"op": "spell", "path": "/a"}),
        ({"a": 1}, {"op": "remove", "path": "a"}),
        ({"a": 1}, {"op": "remove", "path": 1}),
        ({"a": 1}, "remove a"),
    ],
    ids=lambda value: str(value)[:60],
)
def test_an_operation_that_cannot_be_carried_out_changes_nothing(document: Any, operation: Any) -> None:
    before = copy.deepcopy(document)
    with pytest.raises(JsonPatchError):
        json_patch(document, [{"op": "add", "path": "/first", "value": 1}, operation])
    assert document == before, "a patch that fails changes nothing"


@pytest.mark.parametrize(("operation", "offered"), [("add", True), ("remove", False), ("replace", False)])
def test_the_end_of_a_list_is_offered_only_to_what_may_add_there(operation: str, offered: bool) -> None:
    with pytest.raises(JsonPatchError) as caught:
        json_patch({"l": ["a"]}, [{"op": operation, "path": "/l/5" if offered else "/l/-", "value": 1}])
    assert ("`-`" in caught.value.fix) is offered


def test_a_copy_does_not_change_with_what_it_was_copied_from() -> None:
    operations = [{"op": "copy", "from": "/a", "path": "/b"}, {"op": "add", "path": "/a/x", "value": 1}]
    assert json_patch({"a": {}}, operations) == {"a": {"x": 1}, "b": {}}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.thorough
@given(st.lists(json_values, min_size=1, max_size=5), json_values, st.data())
def test_what_is_added_to_a_list_and_removed_again_leaves_the_list_as_it_was(elements: list[Any], value: Any, data: st.DataObject) -> None:
    path = f"/list/{data.draw(st.integers(0, len(elements)))}"
    add, test, remove = (
        {"op": "add", "path": path, "value": value},
        {"op": "test", "path": path, "value": value},
        {"op": "remove", "path": path},
    )
    document = {"list": elements}
    assert json_patch(document, [add, test, remove]) == document


@pytest.mark.thorough
@given(json_values, st.text(max_size=6))
def test_any_key_can_be_pointed_at(value: Any, key: str) -> None:
    path = "/" + key.replace("~", "~0").replace("/", "~1")
    assert json_patch({}, [{"op": "add", "path": path, "value": value}]) == {key: value}


KUBECTL = Path(sys.executable).with_name("kubectl")
ACCEPTED = """\
{op: replace, path: /spec/list/-1, value: X}
{op: replace, path: /spec/list/-0, value: X}
{op: replace, path: /spec/list/01, value: X}
{op: remove, path: /spec/list/-1}
{op: remove, path: /spec/list/-3}
{op: remove, path: /spec/list/+1}
{op: remove, path: /spec/list/000000000000000000000000001}
{op: add, path: /spec/list/-1, value: X}
{op: add, path: /spec/list/-4, value: X}
{op: add, path: /spec/list/-0, value: X}
{op: add, path: /spec/list/+1, value: X}
{op: add, path: /spec/list/03, value: X}
{op: add, path: /spec/list/-, value: X}
{op: copy, from: /spec/list/-1, path: /spec/list/0}
{op: copy, from: /spec/list/01, path: /spec/map/c}
{op: copy, from: /spec/map/absent, path: /spec/map/c}
{op: move, from: /spec/list/-1, path: /spec/list/0}
{op: move, from: /spec/list/0, path: /spec/list/-1}
{op: move, from: /spec/list/0, path: /spec/list/-3}
{op: move, from: /spec/map, path: /spec/map}
{op: test, path: /spec/list/-1, value: two}
{op: test, path: /spec/map/absent, value: null}
{op: test, path: /spec/map/absent}
{op: replace, path: /spec/map/absent, value: X}
{op: replace, path: /spec/map/a}
{op: add, path: /spec/map/x~2y, value: X}
{op: add, path: ignored/spec/map/c, value: X}
{op: add, path: /spec/map/, value: X}
"""
REFUSED = """\
{op: remove, path: /spec/list/-4}
{op: add, path: /spec/list/-5, value: X}
{op: add, path: /spec/list/4, value: X}
{op: add, path: /spec/list/99999999999999999999, value: X}
{op: replace, path: /spec/list/-, value: X}
{op: remove, path: /spec/list/-}
{op: test, path: /spec/list/01, value: two}
{op: test, path: /spec/list/9, value: null}
{op: replace, path: /spec/list/1_0, value: X}
{op: replace, path: /spec/list/, value: X}
{op: move, from: /spec/map/absent, path: /spec/map/c}
{op: move, from: /spec/list/0, path: /spec/list/-4}
{op: move, from: /spec/map, path: /spec/map/c}
{op: replace, path: /spec/absent/x, value: X}
{op: remove, path: /spec/map/absent}
{op: add, path: spec, value: X}
"""
THING = {"apiVersion": "example.org/v1", "kind": "Thing", "spec": {"list": ["zero", "one", "two"], "map": {"a": "b"}}}


def kustomize(folder: Path, operations: Sequence[str]) -> list[Any] | None:
    """What `kubectl kustomize` makes of one object for each operation; None where it refuses."""
    things = [{**THING, "metadata": {"name": f"t{number}"}} for number in range(len(operations))]
    patches = [{"target": {"kind": "Thing", "name": f"t{number}"}, "patch": f"- {each}"} for number, each in enumerate(operations)]
    (folder / "things.yaml").write_text(yaml.safe_dump_all(things))
    (folder / "kustomization.yaml").write_text(yaml.safe_dump({"resources": ["things.yaml"], "patches": patches}))
    done = subprocess.run([KUBECTL, "kustomize", str(folder)], capture_output=True, text=True, check=False)
    built = {each["metadata"]["name"]: each for each in yaml.safe_load_all(done.stdout)} if done.returncode == 0 else {}
    return [built[f"t{number}"]["spec"] for number in range(len(operations))] if built else None


@pytest.mark.thorough
def test_an_operation_does_what_kustomize_does(tmp_path: Path) -> None:
    operations = ACCEPTED.splitlines()
    theirs = kustomize(tmp_path, operations)
    assert theirs is not None, "kustomize accepts them all"
    for operation, expected in zip(operations, theirs, strict=True):
        assert json_patch(THING, [yaml.safe_load(operation)])["spec"] == expected, operation


@pytest.mark.parametrize("operation", REFUSED.splitlines())
def test_an_operation_is_refused(operation: str) -> None:
    with pytest.raises(JsonPatchError):
        json_patch(THING, [yaml.safe_load(operation)])


REFUSED_ONE_BY_ONE = [REFUSED.splitlines()[0], *(pytest.param(each, marks=pytest.mark.thorough) for each in REFUSED.splitlines()[1:])]


@pytest.mark.thorough
@pytest.mark.parametrize("operation", REFUSED_ONE_BY_ONE)
def test_kustomize_refuses_it_as_well(operation: str, tmp_path: Path) -> None:
    assert kustomize(tmp_path, [operation]) is None
