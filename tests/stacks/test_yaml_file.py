"""YAML as the Pulumi CLI reads it, with the place of every value."""

from pathlib import Path
from typing import Any

import pytest

from stacks.reading.yaml_file import line_of, read_yaml
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


def read(tmp_path: Path, text: str) -> tuple[Any, Any]:
    file = tmp_path / "file.yaml"
    file.write_text(text)
    return read_yaml(file, "file.yaml")


def test_every_value_has_its_line(tmp_path: Path) -> None:
    value, lines = read(tmp_path, TEXT)

    assert value == {"config": {"gitops:cluster": {"name": "dev", "context": "c"}, "gitops:use": ["base", "ml"]}}
    assert lines["config", "gitops:cluster"] == 3
    assert lines["config", "gitops:cluster", "context"] == 4
    assert lines["config", "gitops:use", 1] == 7


def test_a_value_that_is_not_there_has_the_line_of_what_should_hold_it(tmp_path: Path) -> None:
    _, lines = read(tmp_path, TEXT)

    assert line_of(lines, ("config", "gitops:cluster", "server", "port")) == 3
    assert line_of(lines, ("config", "gitops:use", 9)) == 5
    assert line_of(lines, ("nothing",)) is None


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
    found = read(tmp_path, f"key: {text}\n")[0]["key"]

    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb: 2\na: 3\n", "file.yaml:3 a: given twice; only the last would have counted"),
        ("a:\n  b: 1\n  c: {d: 1, d: 2}\n", "file.yaml:3 a.c.d: given twice"),
        ("a: [1\nb: 2\n", "file.yaml:2: not YAML"),
        ("a: 'open\n", "not YAML"),
    ],
)
def test_what_readers_would_swallow_is_told_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(StackProblems) as caught:
        read(tmp_path, text)
    assert message in str(caught.value)


def test_an_empty_file_has_no_value_and_a_missing_one_is_named(tmp_path: Path) -> None:
    assert read(tmp_path, "# nothing\n") == (None, {})
    with pytest.raises(StackProblems, match=r"Pulumi\.x\.yaml: there is no such file"):
        read_yaml(tmp_path / "gone", "Pulumi.x.yaml")


def test_anchors_and_merges_are_understood(tmp_path: Path) -> None:
    value, _ = read(tmp_path, "a: &a {x: 1}\nb:\n  <<: *a\n  y: 2\n")

    assert value["b"] == {"x": 1, "y": 2}
