"""YAML as the Pulumi CLI reads it, with the place of every value."""

from pathlib import Path
from typing import Any

import pytest

from stacks.reading.document import Document
from stacks.reading.yaml_file import A_CATALOG, A_STACK_FILE, FileKind, read_yaml
from stacks.words.problems import StackProblems

TEXT = """\
# a comment
config:
  gitops:cluster: {name: dev,
    context: c}
  gitops:use:
    - base
    - ml
"""


def read(tmp_path: Path, text: str, kind: FileKind = A_CATALOG) -> Document:
    file = tmp_path / "file.yaml"
    file.write_text(text)
    return read_yaml(file, "file.yaml", kind)


def test_every_value_has_its_place(tmp_path: Path) -> None:
    document = read(tmp_path, TEXT)

    assert document.value == {"config": {"gitops:cluster": {"name": "dev", "context": "c"}, "gitops:use": ["base", "ml"]}}
    assert str(document.places.of(("config", "gitops:cluster"))) == "file.yaml:3 config.gitops:cluster"
    assert str(document.places.of(("config", "gitops:cluster", "context"))) == "file.yaml:4 config.gitops:cluster.context"
    assert str(document.places.of(("config", "gitops:use", 1))) == "file.yaml:7 config.gitops:use[1]"


def test_what_holds_all_of_a_file_is_left_out_of_its_places(tmp_path: Path) -> None:
    places = read(tmp_path, TEXT, A_STACK_FILE).places

    assert str(places.of(("config", "gitops:use", 1))) == "file.yaml:7 gitops:use[1]"
    assert str(places.of(("config",))) == "file.yaml:2"


def test_a_value_that_is_not_there_has_the_line_of_what_should_hold_it(tmp_path: Path) -> None:
    places = read(tmp_path, TEXT).places

    assert places.of(("config", "gitops:cluster", "server", "port")).line == 3
    assert places.of(("config", "gitops:use", 9)).line == 5
    assert places.of(("nothing",)).line == 0


def test_each_part_of_a_file_has_its_layer(tmp_path: Path) -> None:
    catalog = read(tmp_path, "hosts: {a: 1}\ndefaults: {b: {c: 1}}\ngit: {d: 1}\n").places
    stack = read(tmp_path, "config: {gitops:override: {a: {b: 1}}, gitops:hosts: {a: 1}, gitops:use: 1}", A_STACK_FILE).places.at("config")

    assert [catalog.of(path).layer for path in (("hosts", "a"), ("defaults", "b", "c"), ("git", "d"))] == ["host", "default", "catalog"]
    keys = (("gitops:override", "a", "b"), ("gitops:hosts",), ("gitops:use",))
    assert [stack.of(path).layer for path in keys] == ["override", "host", "stack"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("on", "on"),
        ("yes", "yes"),
        ("off", "off"),
        ("true", True),
        ("False", False),
        ("2026-11-23", "2026-11-23"),
        ("12:30:45", "12:30:45"),
        ("0o17", 15),
        ("1_000", "1_000"),
        ("42", 42),
        ("-1", -1),
        ("2.5", 2.5),
        ("1e3", 1000.0),
        ("~", None),
        ("null", None),
        ("", None),
        ('"2.10"', "2.10"),
        ("v1.2.3", "v1.2.3"),
        (".", "."),
        ("1.2.3", "1.2.3"),
    ],
)
def test_scalars_are_those_of_yaml_1_2(tmp_path: Path, text: str, value: Any) -> None:
    found = read(tmp_path, f"key: {text}\n").value["key"]

    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb: 2\na: 3\n", "file.yaml:3 a: is given twice. Only the last one would count"),
        ("a:\n  b: 1\n  c: {d: 1, d: 2}\n", "file.yaml:3 a.c.d: is given twice"),
        ("a: [1\nb: 2\n", "file.yaml:2: is not YAML"),
        ("a: 'open\n", "not YAML"),
    ],
)
def test_what_readers_would_swallow_is_told_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(StackProblems) as caught:
        read(tmp_path, text)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "config:\n  a: 1\nencryptionsalt: v1:x\n  gitops:size: small\n",
            "Move this line up to the other keys of config: encryptionsalt has no keys below it.",
        ),
        ("config:\n  a: 1\n  b: 2: 3\n", "Correct its syntax."),
    ],
)
def test_a_key_below_the_last_line_of_a_stack_file_is_told_where_it_belongs(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "Pulumi.x.yaml"
    file.write_text(text)
    with pytest.raises(StackProblems) as caught:
        read_yaml(file, "Pulumi.x.yaml")
    assert str(caught.value).endswith(message)


def test_an_empty_file_has_no_value_and_a_missing_one_is_named(tmp_path: Path) -> None:
    assert read(tmp_path, "# nothing\n").value is None
    with pytest.raises(StackProblems, match=r"Pulumi\.x\.yaml: is missing"):
        read_yaml(tmp_path / "gone", "Pulumi.x.yaml")


def test_anchors_and_merges_are_understood(tmp_path: Path) -> None:
    document = read(tmp_path, "a: &a {x: 1, y: 1}\nb:\n  <<: *a\n  y: 2\n")

    assert document.value["b"] == {"x": 1, "y": 2}
    assert [document.places.of(("b", key)).line for key in ("x", "y")] == [1, 4]


def test_of_several_merged_mappings_the_first_counts_and_is_the_place(tmp_path: Path) -> None:
    document = read(tmp_path, "a: &a {x: 1}\nb: &b\n  x: 2\n  y: 3\nc:\n  <<: [*a, *b]\n")
    assert document.value["c"] == {"x": 1, "y": 3}
    assert [document.places.of(("c", key)).line for key in ("x", "y")] == [1, 4]
