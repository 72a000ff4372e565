"""Merging keeps the place of every value: that of the one key where it was written, which is where it is mended."""

import copy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flux.merge_patch import merge_patch
from stacks.reading.document import Document
from stacks.reading.merging import merged
from stacks.reading.yaml_file import A_CATALOG, FileKind, read_yaml
from stacks.words.place import KeyPath, dotted
from tests.documents import document

ENTRY = """\
spec:
  timeout: 1m
  interval: 1m
  ignore: /*
  dependsOn: [{name: a}, {name: b}]
"""
DEFAULT = """\
spec:
  interval: 15m
  suspend: false
  ref: {branch: main}
  decryption: {provider: sops}
"""
OVERRIDE = """\
spec:
  interval: 5m
  ref:
    tag: v1
    branch: null
  timeout: null
"""


def read(folder: Path, name: str, text: str, kind: FileKind = A_CATALOG) -> Document:
    file = folder / name
    file.write_text(text)
    return read_yaml(file, name, kind)


def test_an_anchor_may_be_defined_again_in_a_catalog(tmp_path: Path) -> None:
    read_twice = read(tmp_path, "catalog", "a: &it {interval: 1h}\nb: *it\nc: &it {interval: on}\nd: *it\n")

    assert read_twice.value == {"a": {"interval": "1h"}, "b": {"interval": "1h"}, "c": {"interval": "on"}, "d": {"interval": "on"}}
    assert str(read_twice.places.of(("d", "interval"))).startswith("catalog:")


@pytest.fixture(name="whole")
def _whole(tmp_path: Path) -> Document:
    default = read(tmp_path, "default", DEFAULT, FileKind(layer="default"))
    override = read(tmp_path, "override", OVERRIDE, FileKind(layer="override"))
    return merged(default, read(tmp_path, "entry", ENTRY), override)


def test_the_value_is_what_the_patches_make_of_it(whole: Document) -> None:
    assert whole.value == {
        "spec": {
            "interval": "5m",
            "suspend": False,
            "ref": {"tag": "v1"},
            "decryption": {"provider": "sops"},
            "ignore": "/*",
            "dependsOn": [{"name": "a"}, {"name": "b"}],
        }
    }


@pytest.mark.parametrize(
    ("path", "where"),
    [
        ((), "override"),
        (("spec",), "override:1 spec"),
        (("spec", "ignore"), "entry:4 spec.ignore"),
        (("spec", "dependsOn", 1, "name"), "entry:5 spec.dependsOn[1].name"),
        (("spec", "interval"), "override:2 spec.interval"),
        (("spec", "suspend"), "default:3 spec.suspend"),
        (("spec", "ref"), "override:3 spec.ref"),
        (("spec", "ref", "tag"), "override:4 spec.ref.tag"),
        (("spec", "decryption", "provider"), "default:5 spec.decryption.provider"),
    ],
    ids=lambda value: dotted(value) if isinstance(value, tuple) else "",
)
def test_a_value_is_found_where_it_was_written(whole: Document, path: KeyPath, where: str) -> None:
    assert str(whole.places.of(path)) == where
    assert whole.places.has(path)


@pytest.mark.parametrize(
    ("path", "where"),
    [
        (("spec", "missing", "field"), "entry:1 spec.missing.field"),
        (("spec", "decryption", "secretRef"), "default:5 spec.decryption.secretRef"),
        (("spec", "dependsOn", 9), "entry:5 spec.dependsOn[9]"),
    ],
)
def test_what_nobody_wrote_is_found_where_it_would_have_to_be_written(whole: Document, path: KeyPath, where: str) -> None:
    assert str(whole.places.of(path)) == where
    assert not whole.places.has(path)


def test_what_null_took_away_is_found_at_the_null(whole: Document) -> None:
    assert str(whole.places.of(("spec", "timeout"))) == "override:6 spec.timeout"
    assert str(whole.places.of(("spec", "ref", "branch"))) == "override:5 spec.ref.branch"


def test_each_value_knows_who_gave_it(whole: Document) -> None:
    paths: list[KeyPath] = [("spec", "interval"), ("spec", "suspend"), ("spec", "ignore")]

    assert [whole.places.of(path).layer for path in paths] == ["override", "default", "catalog"]


JSON = st.recursive(
    st.none() | st.integers(0, 2) | st.lists(st.none() | st.integers(0, 2), max_size=2),
    lambda inner: st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.thorough
@settings(deadline=None, derandomize=True)
@given(st.lists(JSON, min_size=1, max_size=4))
def test_values_are_merged_as_rfc_7386_says_and_nothing_is_changed(layers: list[Any]) -> None:
    before = copy.deepcopy(layers)
    expected = layers[0]
    for layer in layers[1:]:
        expected = merge_patch(expected, layer)

    assert merged(*map(document, layers)).value == expected
    assert layers == before


def test_what_is_left_of_a_document_keeps_its_places(tmp_path: Path) -> None:
    whole = read(tmp_path, "list", "a:\n- x\n- y\n- {z: 1}\nb: 2\n")

    rest = whole.without([("a", 0), ("b",), ("gone",)], {("b",): 3, ("never",): 4})

    assert rest.value == {"a": ["y", {"z": 1}], "b": 3}
    assert [str(rest.places.of(path)) for path in (("a", 0), ("a", 1, "z"), ("b",))] == ["list:3 a[1]", "list:4 a[2].z", "list:5 b"]
