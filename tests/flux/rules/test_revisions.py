"""A revision that is pinned by a hash is written whole."""

import pytest

from flux.rules.revisions import revisions_without_effect
from tests.flux.rules.plans import an, found, git, oci, release, said

WHOLE = "5a07cab7" * 5


@pytest.mark.parametrize("commit", [WHOLE, "5a07cab7" * 8], ids=["SHA-1", "SHA-256"])
def test_a_whole_commit_is_taken(commit: str) -> None:
    assert said(git(ref={"branch": "main", "commit": commit})) == []


def test_an_abbreviated_commit_is_refused_with_the_command_that_prints_all_of_it() -> None:
    assert said(git(ref={"commit": "5a07cab"})) == [
        'GitRepository/flux-system/homelab spec.ref.commit: "5a07cab" is an abbreviated commit. Flux would find no such commit. Write '
        "all 40 digits, which `git rev-parse 5a07cab` prints."
    ]


@pytest.mark.parametrize("commit", ["main", "v1.2.3", WHOLE + "0", WHOLE[:-1] + "g"])
def test_what_is_no_commit_is_refused(commit: str) -> None:
    (told,) = said(git(ref={"commit": commit}))
    assert "is not a commit. Flux would find no such commit. Write all 40 digits, which `git rev-parse HEAD` prints." in told


def test_a_commit_in_capitals_is_given_back_in_lower_case() -> None:
    (told,) = said(git(ref={"commit": WHOLE.upper()}))
    assert told.endswith(f"has capital letters. No revision would match it. Write {WHOLE}.")


def test_the_commit_that_an_image_automation_checks_out_is_whole_too() -> None:
    automation = an(
        "ImageUpdateAutomation",
        "all",
        interval="1h",
        sourceRef={"kind": "GitRepository", "name": "homelab"},
        git={"checkout": {"ref": {"commit": "5a07cab"}}, "commit": {"author": {"email": "flux@git.test"}}, "push": {"branch": "main"}},
    )
    assert any("spec.git.checkout.ref.commit" in told and "is an abbreviated commit" in told for told in said(git(), automation))


@pytest.mark.parametrize("commit", [None, "", 5])
def test_what_is_empty_or_no_text_is_left_to_others(commit: object) -> None:
    assert not any("commit." in told for told in said(git(ref={"branch": "main", "commit": commit})))


@pytest.mark.parametrize("digest", ["sha256:0f1e2d3c", "0f" * 32, "sha256:" + "0F" * 32, "sha512:" + "0f" * 32])
def test_a_digest_is_whole(digest: str) -> None:
    assert said(oci(ref={"digest": "sha256:" + "0f" * 32})) == []
    (told,) = said(oci(ref={"digest": digest}))
    assert "spec.ref.digest: " in told
    assert "is not a digest. Flux would refuse to fetch." in told


@pytest.mark.parametrize(
    ("reference", "fix"),
    [
        ({"branch": "refs/heads/main"}, "Write branch: main, or name: refs/heads/main."),
        ({"tag": "refs/tags/v1"}, "Write tag: v1, or name: refs/tags/v1."),
        ({"branch": "refs/tags/v1"}, "Write tag: v1, or name: refs/tags/v1."),
        ({"name": "main"}, "Write name: refs/heads/main, or branch: main."),
        ({"name": "heads/main"}, "Write name: refs/heads/main, or branch: main."),
        ({"name": "tags/v1"}, "Write name: refs/tags/v1, or tag: v1."),
        ({"tag": ">=1.0.0"}, 'is a range, not a tag. Flux would find no such ref. Write semver: ">=1.0.0".'),
        ({"tag": "*"}, 'Write semver: "*".'),
        ({"branch": "my branch"}, "Write a branch that `git ls-remote` lists, without refs/heads/."),
        ({"branch": "main~1"}, "Write a branch that `git ls-remote` lists, without refs/heads/."),
    ],
    ids=str,
)
def test_branches_and_tags_have_short_names_and_a_name_the_full_one(reference: dict[str, str], fix: str) -> None:
    (told,) = said(git(ref=reference))

    assert told.endswith(fix)


@pytest.mark.parametrize(
    "reference",
    [
        {"branch": "feature/refs/heads"},
        {"tag": "v1.x"},
        {"branch": "renovate/a-1.x+b=c@d,e"},
        {"branch": "${A B}"},
        {"name": "refs/pull/1/head"},
        {"name": "HEAD"},
        {"name": "${REF}"},
        {"branch": "main", "name": ""},
    ],
    ids=str,
)
def test_other_names_of_refs_are_fine(reference: dict[str, str]) -> None:
    assert said(git(ref=reference)) == []


def test_the_tag_of_an_artifact_is_a_tag() -> None:
    for tag in ("latest", "1.2.0", "v1.2.0-rc.1_build", "_a", "${TAG}", "1.x"):
        assert said(oci(ref={"tag": tag})) == [], tag
    for tag, fix in {
        f"1.2.0@sha256:{'a1' * 32}": f"Write digest: sha256:{'a1' * 32} instead of the tag.",
        "latest@sha256:abc": "Write digest: sha256:… instead of the tag.",
        "^1.2": 'Write semver: "^1.2".',
        "*": 'Write semver: "*".',
        "1.2.0+build.1": "Write 1.2.0_build.1: `helm push` writes _ in its place.",
        "-a": "Write at most 128 letters, digits, _, . and -.",
        "a" * 129: "Write at most 128 letters, digits, _, . and -.",
    }.items():
        (told,) = said(oci(ref={"tag": tag}))
        assert told.endswith(fix), told


def test_a_range_of_versions_is_read_as_flux_reads_it() -> None:
    right = (
        "*",
        "x",
        "1.2.x",
        "1",
        "v1.2.3",
        ">=1.2.0 <2.0.0",
        ">= 1.2, < 2",
        "^1.2 || ~3",
        "1.2 - 1.4.5",
        "!=1.2.3-rc.1+b.2",
        "=>1",
        "${V}",
    )
    wrong = ("latest", ">=", "1.2.3.4", "1.2 -", "newest of all", "1 || latest", ">>1", "a" * 300)

    assert [each for each in right if said(oci(ref={"semver": each}))] == []
    assert [each for each in wrong if not said(oci(ref={"semver": each}))] == []


def test_the_version_of_a_chart_from_git_is_not_read() -> None:
    chart = {"chart": "./web", "version": "latest", "sourceRef": {"kind": "GitRepository", "name": "homelab"}}

    assert said(git(), release(chart={"spec": chart})) == []


@pytest.mark.parametrize(
    ("ref", "ignored"),
    [
        ({"commit": "0" * 40, "branch": "main"}, {}),
        ({"tag": "v1", "branch": "main"}, {}),
        ({"semver": ">=1.0.0", "branch": "main"}, {}),
        ({"commit": "0" * 40, "tag": "v1"}, {"tag": "commit"}),
        ({"tag": "v1", "semver": ">=1.0.0"}, {"semver": "tag"}),
        ({"name": "refs/heads/main", "tag": "v1", "branch": "main"}, {"tag": "name"}),
        ({"commit": "0" * 40, "name": "refs/heads/main", "semver": "*"}, {"name": "commit", "semver": "commit"}),
        ({"commit": "", "tag": "v1"}, {}),
        ({}, {}),
    ],
    ids=str,
)
def test_of_several_revisions_flux_takes_the_first_and_ignores_the_others(ref: dict[str, str], ignored: dict[str, str]) -> None:
    assert dict(revisions_without_effect({"ref": ref})) == ignored
    assert [each for each in said(git(ref=ref)) if "no effect" in each] == [], "of what the stack makes, the preview warns"
    told = [f"{each.dotted}: {each.message.wrong}" for each in found(from_git=[git(ref=ref)]) if each.rule == "revision-is-named-once"]
    assert told == [f"spec.ref.{key}: has no effect beside ref.{first}" for key, first in ignored.items()]
