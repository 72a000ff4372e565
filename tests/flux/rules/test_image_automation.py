"""Image policies, and the commits that follow from them."""

from typing import Any

import pytest

from tests.flux.rules.plans import Body, an, git, said

COMMIT = {"author": {"email": "flux@test"}}
SOURCE: Body = git(secretRef={"name": "write"})


def automation(**spec: Any) -> Body:
    reference = {"kind": "GitRepository", "name": "homelab"}
    return an("ImageUpdateAutomation", "all", **{"interval": "1h", "sourceRef": reference, "git": {"commit": COMMIT}, **spec})


def test_an_image_policy_chooses_in_exactly_one_way() -> None:
    images = an("ImageRepository", "web", image="r.test/web", interval="1h")

    def policy(**way: Any) -> list[str]:
        return said(images, an("ImagePolicy", "web", imageRepositoryRef={"name": "web"}, policy=way))

    assert policy(semver={"range": ">=1"}) == policy(alphabetical={}) == policy(numerical={"order": "asc"}, semver=None) == []
    assert policy() == [
        "ImagePolicy/flux-system/web spec.policy: names no policy. Flux could not choose a tag. Write exactly one of "
        "semver, alphabetical and numerical."
    ]
    assert policy(numerical={}, semver={"range": ">=1"}) == [
        "ImagePolicy/flux-system/web spec.policy: has both semver and numerical. Flux would silently use semver alone. Write "
        "exactly one of semver, alphabetical and numerical."
    ]


def test_an_automation_says_who_commits() -> None:
    assert said(SOURCE, automation()) == []
    assert said(SOURCE, automation(git=None)) == [
        "ImageUpdateAutomation/flux-system/all spec.git: is required but missing. Flux would not update anything. Write git: "
        "{commit: {author: {email: <address>}}}."
    ]


def test_an_automation_needs_a_branch_to_push_to() -> None:
    tagged = git(ref={"tag": "v1"}, secretRef={"name": "write"})
    assert said(tagged, automation(git={"commit": COMMIT, "push": {"branch": "updates"}})) == []
    assert said(tagged, automation(git={"commit": COMMIT, "checkout": {"ref": {"branch": "main"}}})) == []
    tail = "does not check one out. Flux would not know where to push to. Write push: {branch: <branch>} under git."
    assert said(tagged, automation()) == [
        f"ImageUpdateAutomation/flux-system/all spec.git.push: names no branch, and GitRepository/flux-system/homelab {tail}"
    ]
    assert said(SOURCE, automation(git={"commit": COMMIT, "checkout": {"ref": {"tag": "v1"}}, "push": {"options": {"a": "b"}}})) == [
        f"ImageUpdateAutomation/flux-system/all spec.git.push: names no branch, and git.checkout {tail}"
    ]


def test_an_automation_pushes_with_a_credential() -> None:
    assert said(git(), automation()) == [
        "ImageUpdateAutomation/flux-system/all spec.sourceRef: names GitRepository/flux-system/homelab, which has no credential. "
        "Flux pushes with the credential that it fetches with: every push would be refused. Give the GitRepository a credential "
        "with write access."
    ]


@pytest.mark.parametrize("provider", ["azure", "aws"])
def test_a_cloud_may_give_the_credential(provider: str) -> None:
    assert said(git(provider=provider), automation()) == []


def test_nothing_is_said_of_a_source_in_another_namespace() -> None:
    assert said(automation(sourceRef={"kind": "GitRepository", "name": "homelab", "namespace": "team"})) == []


def test_an_ssh_source_without_a_credential_is_told_once() -> None:
    sentences = said(git(url="ssh://git@git.test/r.git"), automation())
    assert [sentence.split(" ")[0] for sentence in sentences] == ["GitRepository/flux-system/homelab"]
