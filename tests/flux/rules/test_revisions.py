"""A revision that is pinned by a hash is written whole."""

import pytest

from tests.flux.rules.plans import an, git, oci, said

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
