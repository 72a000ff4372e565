"""The owner's mark: what it writes, and that it fits into a label whatever the names are."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as some

from flux.owners_mark import FIELD_MANAGER, OwnersMark, label_value, reserved_in

NAMES = some.text("abcXYZ019-_.", min_size=1, max_size=100)
VALUE = re.compile(r"[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?")


@pytest.mark.parametrize(
    ("names", "value"),
    [
        (("gitops", "production"), "gitops.production"),
        (("homelab",), "homelab"),
        (("homelab.example.org",), "homelab.example.org"),
    ],
)
def test_names_that_fit_are_readable(names: tuple[str, ...], value: str) -> None:
    assert label_value(*names) == value


@given(NAMES, NAMES)
def test_every_value_is_one_that_the_api_server_takes(project: str, stack: str) -> None:
    assert VALUE.fullmatch(label_value(project, stack))
    assert VALUE.fullmatch(label_value(stack))


@given(NAMES, NAMES, NAMES, NAMES)
def test_two_stacks_never_have_one_value(project: str, stack: str, other_project: str, other_stack: str) -> None:
    assert (label_value(project, stack) == label_value(other_project, other_stack)) is ((project, stack) == (other_project, other_stack))


@pytest.mark.parametrize(("one", "other"), [(("a.b", "c"), ("a", "b.c")), (("a" * 70, "b"), ("a" * 70, "c")), (("a", "-b"), ("a", "_b"))])
def test_what_a_label_could_not_tell_apart_is_told_apart_by_a_digest(one: tuple[str, str], other: tuple[str, str]) -> None:
    assert label_value(*one) != label_value(*other)


def test_a_body_gets_the_mark_beside_what_it_has_and_is_not_changed_itself() -> None:
    body = {"kind": "ConfigMap", "metadata": {"name": "a", "labels": {"own": "1"}, "annotations": {"own": "2"}}}

    marked = OwnersMark.of("gitops", "dev", "lab").on(body)

    assert marked["metadata"]["labels"] == {
        "own": "1",
        "gitops.daviestechlabs.io/stack": "gitops.dev",
        "gitops.daviestechlabs.io/cluster": "lab",
    }
    assert marked["metadata"]["annotations"] == {"own": "2", "pulumi.com/patchFieldManager": FIELD_MANAGER}
    assert body["metadata"] == {"name": "a", "labels": {"own": "1"}, "annotations": {"own": "2"}}


@pytest.mark.parametrize("metadata", [None, [], {"labels": []}, {"labels": {1: "x"}}, {"annotations": None}])
def test_metadata_of_any_shape_has_nothing_that_is_reserved(metadata: object) -> None:
    assert list(reserved_in(metadata)) == []


@pytest.mark.parametrize("metadata", [None, [], {"labels": True}, {"annotations": "a"}])
def test_a_body_that_a_patch_has_broken_is_left_to_its_judges(metadata: object) -> None:
    assert OwnersMark.of("gitops", "dev", "lab").on({"kind": "ConfigMap", "metadata": metadata}) == {
        "kind": "ConfigMap",
        "metadata": metadata,
    }
