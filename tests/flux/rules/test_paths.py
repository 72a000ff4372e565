"""Which files a Kustomization applies."""

from pathlib import PurePosixPath
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flux.rules.paths import parts_of
from tests.flux.rules.plans import git, ks, said

BOTH = "Each would undo the other's changes, and prune what the other applies. Give them separate paths, or each its own targetNamespace."


def test_paths_side_by_side_are_fine() -> None:
    assert said(git(), ks("a", path="./apps"), ks("b", path="./apps-two"), ks("c", path="./infra/apps")) == []


def test_a_path_inside_of_another_is_refused() -> None:
    assert said(git(), ks("inner", path="kubernetes/apps/web"), ks("outer", path="./kubernetes/apps/")) == [
        'Kustomization/flux-system/inner spec.path: is "./kubernetes/apps/web", inside "./kubernetes/apps", which '
        f"Kustomization/flux-system/outer applies. {BOTH}"
    ]


def test_an_equal_path_is_refused_at_the_second() -> None:
    assert said(git(), ks("a", path="./apps"), ks("b", path="/apps/./")) == [
        'Kustomization/flux-system/b spec.path: is "./apps", which Kustomization/flux-system/a also applies. ' + BOTH
    ]


@pytest.mark.parametrize("root", [None, "", ".", "./", "/", "../.."], ids=str)
def test_the_root_contains_everything(root: str | None) -> None:
    (sentence,) = said(git(), ks("inner", path="./apps"), ks("outer", path=root))
    assert 'is "./apps", inside "./", which Kustomization/flux-system/outer applies' in sentence


def test_each_is_told_once_with_the_nearest_that_contains_it() -> None:
    sentences = said(git(), ks("top", path="./"), ks("a", path="a"), ks("ab", path="a/b"), ks("abc", path="a/b/c"))
    assert [sentence.split(":")[0] + sentence.split(", inside ")[1].split(" applies")[0] for sentence in sentences] == [
        'Kustomization/flux-system/a spec.path"./", which Kustomization/flux-system/top',
        'Kustomization/flux-system/ab spec.path"./a", which Kustomization/flux-system/a',
        'Kustomization/flux-system/abc spec.path"./a/b", which Kustomization/flux-system/ab',
    ]


def test_other_sources_have_paths_of_their_own() -> None:
    elsewhere = {"kind": "Bucket", "name": "homelab", "namespace": "other"}
    assert said(git(), git("two"), ks("a", path="./x"), ks("b", source="two", path="./x"), ks("c", path="./x", sourceRef=elsewhere)) == []


def test_a_source_is_the_same_however_its_namespace_is_written() -> None:
    written = {"kind": "GitRepository", "name": "homelab", "namespace": "flux-system"}
    there = ks("b", namespace="team", path="./apps/web", sourceRef=written)
    assert len(said(git(), ks("a", path="./apps"), there)) == 1
    assert said(git(), git(namespace="team"), ks("a", path="./apps"), ks("b", namespace="team", path="./apps/web")) == []
    sparse = git(sparseCheckout=["infra"])
    assert len(said(sparse, there)) == 1


@pytest.mark.parametrize(
    ("one", "other", "problems"),
    [
        ({"targetNamespace": "a"}, {"targetNamespace": "b"}, 0),
        ({"targetNamespace": "a"}, {"targetNamespace": "a"}, 1),
        ({"targetNamespace": "a"}, {}, 1),
        ({}, {"targetNamespace": "b"}, 1),
        ({"suspend": True}, {}, 1),
        ({"kubeConfig": {"secretRef": {"name": "east"}}}, {"kubeConfig": {"secretRef": {"name": "west"}}}, 0),
        ({"kubeConfig": {"secretRef": {"name": "east"}}}, {}, 0),
        ({"kubeConfig": {"secretRef": {"name": "east"}}}, {"kubeConfig": {"secretRef": {"name": "east"}}}, 1),
        ({"namePrefix": "a-"}, {"namePrefix": "b-"}, 0),
        ({"nameSuffix": "-a"}, {}, 0),
    ],
)
@pytest.mark.parametrize("inner", ["./apps", "./apps/web"])
def test_what_makes_them_other_objects_is_an_excuse(one: dict[str, Any], other: dict[str, Any], problems: int, inner: str) -> None:
    assert len(said(git(), ks("a", path="./apps", **one), ks("b", path=inner, **other))) == problems


def test_a_path_that_is_not_checked_out_is_not_there() -> None:
    sparse = git(sparseCheckout=["./kubernetes/apps", "infra"])
    fine = ["./kubernetes/apps", "kubernetes/apps/web", "./infra/"]
    assert [sentence for path in fine for sentence in said(sparse, ks(path=path))] == []
    assert said(sparse, ks(path="./")) == said(sparse, ks(path="./kubernetes")) == []
    assert said(sparse, ks(path="./kubernetes/flux")) == [
        'Kustomization/flux-system/apps spec.path: is "./kubernetes/flux", which GitRepository/flux-system/homelab does not check '
        "out. Flux would not find it. Add it to sparseCheckout of the GitRepository, or write another path."
    ]


@pytest.mark.parametrize("sparse", [None, [], "apps", [1]], ids=str)
def test_without_a_sparse_checkout_everything_is_there(sparse: object) -> None:
    assert said(git(sparseCheckout=sparse), ks(path="./kubernetes/flux")) == []


@given(st.text(alphabet="ab./", max_size=12))
def test_a_path_is_read_as_a_chroot_would(path: str) -> None:
    expected: list[str] = []
    for part in PurePosixPath("/" + path.lstrip("/")).parts[1:]:
        expected = expected[:-1] if part == ".." else [*expected, part]
    assert parts_of(path) == tuple(expected)


_PATHS = st.lists(st.lists(st.sampled_from("ab"), max_size=3).map("/".join), max_size=6)


@pytest.mark.thorough
@given(_PATHS)
def test_a_kustomization_is_refused_exactly_when_an_earlier_or_outer_one_has_its_files(written: list[str]) -> None:
    bodies = [ks(f"k{index}", path=path) for index, path in enumerate(written)]

    refused = {sentence.split(" ")[0].rpartition("k")[2] for sentence in said(git(), *bodies)}

    parts = [parts_of(path) for path in written]
    expected = {
        str(index)
        for index, mine in enumerate(parts)
        if mine in parts[:index] or any(len(theirs) < len(mine) and mine[: len(theirs)] == theirs for theirs in parts)
    }
    assert refused == expected
