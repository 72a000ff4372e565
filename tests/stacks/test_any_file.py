"""Whatever somebody writes into the two files, they are told what is wrong, and no mistake of theirs ends in a traceback."""

import copy
import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stacks.words.place import KeyPath
from tests.stack_files import preview
from tests.stacks.test_all_at_once import CATALOG as CATALOG_TEXT
from tests.stacks.test_all_at_once import STACK as STACK_TEXT
from tests.stacks.test_no_value_is_repeated import CATALOG, STACK, TOKEN, places, value_at

WRONG: list[Any] = [
    None,
    True,
    0,
    -1,
    2.5,
    10**400,
    "",
    " ",
    "a/b",
    "ä\u2028\x7f",
    [],
    {},
    [[]],
    {"": {}},
    [None],
    {"env": "NOWHERE"},
    TOKEN,
]
PLACES = {
    "stack": [path for path in places(STACK) if path[0] == "config" and len(path) > 1],
    "catalog": list(places(CATALOG)),
}


@st.composite
def changes(draw: st.DrawFn) -> list[tuple[str, KeyPath, str, Any]]:
    """Up to three changes: where, which, and what is written instead."""
    change = st.sampled_from([*PLACES]).flatmap(
        lambda which: st.tuples(
            st.just(which),
            st.sampled_from(PLACES[which]),
            st.sampled_from(["delete", "rename", "replace", "move"]),
            st.sampled_from(WRONG)
            | st.sampled_from(PLACES[which]).map(lambda path: value_at(STACK if which == "stack" else CATALOG, path)),
        )
    )
    return draw(st.lists(change, min_size=1, max_size=3))


def changed(document: Any, path: KeyPath, how: str, value: Any) -> None:
    holder = document
    for part in path[:-1]:
        there = part in holder if isinstance(holder, dict) else isinstance(holder, list) and isinstance(part, int) and part < len(holder)
        if not there:
            return
        holder = holder[part]
    key = path[-1]
    if isinstance(holder, list) and isinstance(key, int) and key < len(holder):
        holder[key : key + 1] = [] if how == "delete" else [copy.deepcopy(value)]
    elif isinstance(holder, dict) and key in holder:
        taken = holder.pop(key)
        if how != "delete":
            holder[TOKEN if how == "rename" else key] = taken if how == "rename" else copy.deepcopy(value)


@pytest.mark.thorough
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(changes())
def test_any_change_is_taken_or_told(made: list[tuple[str, KeyPath, str, Any]]) -> None:
    documents = {"stack": copy.deepcopy(STACK), "catalog": copy.deepcopy(CATALOG)}
    for which, path, how, value in made:
        changed(documents[which], path, how, value)
    with tempfile.TemporaryDirectory() as folder:
        check(Path(folder), json.dumps(documents["stack"]), json.dumps(documents["catalog"]))


def check(folder: Path, stack: str, catalog: str) -> str:
    record = preview(folder, stack, catalog=catalog, register=False)
    assert record.exception is None or record.exit_code == 32, repr(record.exception)
    assert TOKEN not in record.errors + record.printed
    assert "Traceback" not in record.errors + record.printed
    return record.errors


ODD_CATALOGS = {
    "empty": ("", ""),
    "a comment": ("# nothing", ""),
    "null": ("null", ""),
    "a list": ("[]", "must be a map"),
    "a text": ("text", "must be a map"),
    "a number": ("5", "must be a map"),
    "false": ("false", "must be a map"),
    "tabs": ("git:\n\tapp: {}", "catalog.yaml:2: is not YAML"),
    "two documents": ("git: {}\n---\nhelm: {}", "more than one YAML document"),
    "not closed": ("git: {", "not YAML"),
    "an unknown alias": ("git: *nothing", "not YAML"),
    "a control character": ("git: \x00", "not YAML"),
    "a key that is a list": ("git: {[a]: {}}", "not YAML"),
    "a key that is a number": ("git: {5: {url: https://git.test/a}}", "git.5: must be text"),
    "a key that is null": ("~: 5", "is a key that is not text"),
    "a key that is true": ("git: {true: {url: https://git.test/a}}", "must be text"),
    "a key that is null in a spec": ("git: {a: {url: https://git.test/a, spec: {~: 5, interval: 1m, ref: {branch: main}}}}", "None"),
    "a key that is a number in a spec": ("git: {a: {url: https://git.test/a, spec: {5: 5, interval: 1m, ref: {branch: main}}}}", "5"),
    "a number without an end": (f"git: {'9' * 5000}", "has a number of more than 400 characters"),
    "a number that is infinite": ("git: 1e999", "is too large a number"),
    "a large number in a spec": (f"git: {{a: {{url: https://git.test/a, spec: {{interval: {'9' * 400}}}}}}}", "interval"),
    "a leading zero": ("git: 089", "must be a map"),
    "a tag": ("git: !!binary aGFsbG8=", "has a YAML tag"),
    "a tag of python": ("git: !!python/object:os.system {}", "has a YAML tag"),
    "a tag that does not fit": ("git: !!int x", "is not a valid number"),
    "a boolean that is none": ("git: !!bool x", "is not a valid number"),
    "itself": ("git: &a {b: *a}", "contains itself"),
    "deep": (f"git: {'[' * 3000}{']' * 3000}", "nested more than 100 levels deep"),
    "a merge of a number": ("git: {<<: 5}", "not YAML"),
    "a merge": (
        "x: &a {interval: 1m, ref: {branch: main}}\ngit: {a: {url: https://git.test/a, spec: {<<: *a, interval: 5m}}}",
        "x: is an unknown key",
    ),
    "unicode": ("git: {ä: {url: https://git.test/ä, spec: {interval: ∞}}}", "is not a Kubernetes name"),
    "null everywhere": ("hosts: ~\ndefaults: ~\ngit: ~\nhelm: ~\nkustomizations: ~\nobjects: ~", "objects: must be a list"),
    "null in entries": (
        "git: {a: ~}\nhelm: {a: ~}\nkustomizations: {a: ~}\nobjects: [~]\nhosts: {a: ~}\ndefaults: {Bucket: ~}",
        "objects[0]",
    ),
    "null in specs": ("git: {a: {url: https://git.test/a, spec: ~}}\nkustomizations: {b: {spec: ~}}", "git.a.spec: must be a map"),
}


@pytest.mark.parametrize(("catalog", "told"), ODD_CATALOGS.values(), ids=list(ODD_CATALOGS))
def test_an_odd_catalog_is_told(catalog: str, told: str, tmp_path: Path) -> None:
    text = check(tmp_path, STACK_TEXT.replace("    git/tools: {spec: {interval: 5m}}\n", "    git/a: {}\n"), catalog)

    assert told in text
    assert text or not told


def test_a_catalog_that_is_not_utf_8_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from stacks.reading.yaml_file import A_CATALOG, read_what_there_is

    file = tmp_path / "catalog.yaml"
    problems: list[Any] = []
    file.write_bytes(b"git: {}\n# \xff\n")
    read_what_there_is(file, "catalog.yaml", A_CATALOG, problems)
    read_what_there_is(tmp_path, "stacks", A_CATALOG, problems)

    assert [str(problem.where) for problem in problems] == ["catalog.yaml:2", "stacks"]


ODD_STACKS = [
    "config: {}",
    "config: {'gitops:use': ~}",
    "config: {gitops:environment: [], gitops:cluster: 5, gitops:flux: ~, gitops:use: {}}",
]


@pytest.mark.parametrize("stack", ODD_STACKS)
def test_an_odd_stack_file_is_told(stack: str, tmp_path: Path) -> None:
    text = check(tmp_path, stack, CATALOG_TEXT)

    assert "gitops:environment: " in text
    assert "gitops:cluster: " in text
    assert "gitops:flux: " in text
    assert "gitops:use: " in text
