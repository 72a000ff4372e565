"""Where something is written, how a field is called, and which server a host key is of."""

from pathlib import Path, PurePosixPath

import pytest

from flux.key_path import KeyPath
from gitops.compare.field_changes import MISSING, FieldChange, differences
from gitops.compare.key_fingerprints import fingerprints
from gitops.compare.places import told
from gitops.compare.revision_files import Revision, called
from gitops.compare.sentence import say, with_place
from gitops.compare.value_text import path_of, values_of
from stacks.words.place import Layer, Place


def places(*lines: int, layer: Layer = "catalog", file: str = "catalog.yaml") -> list[Place]:
    return [Place(file=file, line=line, layer=layer) for line in lines]


@pytest.mark.parametrize(
    ("of", "shown"),
    [
        (places(25), "`catalog.yaml:25`"),
        (places(33, 35, 32, 34, 32), "`catalog.yaml:32-35`"),
        (places(3, 1), "`catalog.yaml:1`; `catalog.yaml:3`"),
        (places(0), "`catalog.yaml`"),
        (places(7, layer="default"), "in `defaults`, `catalog.yaml:7`"),
        (places(2, layer="host"), "in `hosts`, `catalog.yaml:2`"),
        (places(20, layer="override", file="Pulumi.dev.yaml"), "in `override`, `Pulumi.dev.yaml:20`"),
        (places(6, layer="stack", file="Pulumi.dev.yaml"), "`Pulumi.dev.yaml:6`"),
        (places(1, 3, 5, 7), "`catalog.yaml:1`; `catalog.yaml:3`; `catalog.yaml:5`; 1 more place"),
    ],
)
def test_a_place_is_short_and_neighbouring_lines_are_one(of: list[Place], shown: str) -> None:
    assert told(of).markdown == shown


def test_what_is_gone_was_in_the_base() -> None:
    assert told(places(25), of_the_base=True).markdown == "`catalog.yaml:25` before this change"


def test_a_place_stands_behind_the_first_sentence() -> None:
    place = say("{}", "a:1")

    assert with_place(say("{} is deleted. {} stays", "x", "y"), place).plain == "x is deleted (a:1). y stays"
    assert with_place(say("{} is deleted ({})", "x", "z. b"), place).plain == "x is deleted (z. b; a:1)", "a value is no sentence"


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        ({"metadata": {"labels": {"sharding.fluxcd.io/key": "a"}}}, {}, 'metadata.labels["sharding.fluxcd.io/key"]'),
        ({"data": {".dockerconfigjson": "a"}}, {}, 'data[".dockerconfigjson"]'),
        ({".a": "b"}, {}, '[".a"]'),
        ({"a": {"b": "c"}}, {}, "a.b"),
        ({"a": [{"name": "x.y", "b": {"c.d": 1}}]}, {"a": [{"name": "x.y", "b": {"c.d": 2}}]}, 'a[x.y].b["c.d"]'),
        ({"a": ["--x"]}, {"a": []}, "a[]"),
    ],
)
def test_a_key_with_a_dot_or_a_slash_is_quoted(before: dict[str, object], after: dict[str, object], shown: str) -> None:
    (field,) = differences(before, after)

    assert path_of(field) == shown


def test_a_path_that_is_not_made_of_its_keys_is_shown_as_it_is() -> None:
    masked: KeyPath = ("spec", "a-secret-key")
    assert path_of(FieldChange(path="spec.<redacted>", before="a", after=MISSING, key=masked)) == "spec.<redacted>"


def test_a_digest_is_short_in_a_sentence() -> None:
    field = FieldChange(path="a", before="it@sha256:" + "a" * 64, after="b", key=("a",))
    assert values_of(field).plain == "it@sha256:aaaaaaaaaaaa… → b"


def test_a_host_key_is_shown_as_ssh_keygen_prints_it() -> None:
    key = "AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"
    printed = "SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU"

    assert fingerprints(f"github.com ssh-ed25519 {key}\n") == {printed: "github.com"}
    assert fingerprints([f"@cert-authority *.test ssh-ed25519 {key} comment", "# a comment", "x y !", ""]) == {printed: "*.test"}
    assert fingerprints(None) == {}


def test_a_revision_is_called_by_its_name_and_its_short_commit() -> None:
    revision = Revision(commit="0123456789abcdef" * 2 + "01234567", top=Path(), inside=PurePosixPath())

    assert [called(name, revision) for name in ("main", revision.commit, "0123456")] == ["main (0123456789ab)", *["0123456789ab"] * 2]
    assert called(None, None) == "the working tree"
