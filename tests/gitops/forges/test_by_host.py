"""Which forge a repository is at: by the host of its URL, by what was named, and by the tokens that there are."""

from typing import Any

import pytest

from flux.addresses import address_of, is_host_and_port
from gitops.comment.help import COMMENT
from gitops.deploy_keys.help import DEPLOY_KEY
from gitops.errors import CommandError
from gitops.forges.by_host import Forges, forges_for, refuse_nobody_here
from gitops.forges.forge import TokenUse
from gitops.forges.forge_kind import FORGE_KINDS, ForgeKind
from gitops.forges.gitea import SCOPES
from gitops.forges.github import PERMISSIONS
from gitops.forges.hosted_repository import repository_of
from gitops.help import GITOPS
from tests.engine import REPOSITORY

ALL = {"GITEA_TOKEN": "t", "GH_TOKEN": "t", "GH_ENTERPRISE_TOKEN": "t"}
AT_GITEA, AT_GITHUB, AT_SERVER, ELSEWHERE = (
    repository_of(f"ssh://git@{host}/org/name.git") for host in ("git.example", "github.com", "github.example", "git.test")
)
EVERY = (AT_GITEA, AT_GITHUB, AT_SERVER, ELSEWHERE)


def kinds(environment: dict[str, str], url: str | None = None, kind: ForgeKind | None = None, **more: Any) -> list[str | None]:
    """The kind of forge at which each of `EVERY` is."""
    with forges_for(EVERY, environment, url=url, kind=kind, **more) as forges:
        return [found.kind if (found := forges.of(repository)) else None for repository in EVERY]


def test_gitea_is_where_it_is_said_to_be_and_github_where_its_name_says_so() -> None:
    assert kinds({**ALL, "GITEA_URL": "https://git.example"}) == ["Gitea", "GitHub", "GitHub", None]
    assert kinds(ALL) == [None, "GitHub", "GitHub", None], "nobody says what the others are"


def test_without_a_token_github_is_left_alone_and_the_reason_is_told() -> None:
    assert kinds({"GITEA_TOKEN": "t", "GITEA_URL": "https://git.example"}) == ["Gitea", None, None, None]
    with forges_for(EVERY, {}, url=None, kind=None) as forges:
        assert forges.why_not(AT_GITHUB) == "left alone: it is at github.com, and GH_TOKEN and GITHUB_TOKEN are not set"
        assert forges.why_not(AT_SERVER).endswith("and GH_ENTERPRISE_TOKEN and GITHUB_ENTERPRISE_TOKEN are not set")
        assert forges.why_not(ELSEWHERE) == "left alone: it is at git.test"


def test_one_that_is_named_is_the_only_one() -> None:
    assert kinds({**ALL, "GITEA_URL": "https://git.example"}, url="https://github.com") == [None, "GitHub", None, None]
    assert kinds(ALL, url="https://git.test") == [None, None, None, "Gitea"]
    assert kinds(ALL, url="https://git.test", kind=ForgeKind.GITHUB) == [None, None, None, "GitHub"]
    assert kinds({**ALL, "GITEA_URL": "https://git.example"}, kind=ForgeKind.GITEA) == ["Gitea", None, None, None]


def test_github_alone_may_be_asked_although_a_gitea_is_named_in_the_environment() -> None:
    environment = {**ALL, "GITEA_URL": "https://git.example", "GH_HOST": "git.example"}
    assert kinds(environment, kind=ForgeKind.GITHUB)[:3] == ["GitHub", "GitHub", "GitHub"]


def test_every_repository_may_be_said_to_be_at_github() -> None:
    assert kinds(ALL, kind=ForgeKind.GITHUB) == ["GitHub"] * len(EVERY)


def test_a_further_name_for_ssh_is_of_the_forge_that_is_named() -> None:
    assert kinds(ALL, url="https://git.example", ssh_hosts=["git.test"]) == ["Gitea", None, None, "Gitea"]


def test_a_forge_that_is_named_needs_its_token() -> None:
    with pytest.raises(CommandError, match="The environment variable GITEA_TOKEN is not set"):
        forges_for(EVERY, {"GITEA_URL": "https://git.example"}, url=None, kind=None)
    with pytest.raises(CommandError, match="The environment variable GH_TOKEN or GITHUB_TOKEN is not set"):
        forges_for([AT_GITHUB], {}, url=None, kind=ForgeKind.GITHUB)


def test_a_forge_without_one_of_the_repositories_is_a_mistake() -> None:
    with (
        forges_for([ELSEWHERE], ALL, url="https://git.example", kind=None) as forges,
        pytest.raises(CommandError, match=r"None of the repositories is at git\.example: the stack fetches them from git\.test"),
    ):
        refuse_nobody_here(forges, [ELSEWHERE])
    with pytest.raises(CommandError, match="It is unknown which forge hosts the repositories"):
        refuse_nobody_here(Forges([]), [ELSEWHERE])


def test_each_forge_has_words_for_every_right_that_a_token_needs() -> None:
    for words in (SCOPES, PERMISSIONS):
        assert set(words) == {*TokenUse}
        assert all(use.user for use in words)


@pytest.mark.parametrize(
    ("url", "host", "path"),
    [
        ("ssh://git@git.test:2222/org/name.git", "git.test", "org/name"),
        ("ssh://git@[fd00::1]:2222/org/name", "fd00::1", "org/name"),
        ("https://GIT.test/group/sub/name.git", "git.test", "group/sub/name"),
    ],
)
def test_a_repository_is_read_off_its_url(url: str, host: str, path: str) -> None:
    found = repository_of(url)
    assert (found.host, found.path) == (host, path)


@pytest.mark.parametrize(
    "url", ["", "git.test", "ssh://git@git.test", "ssh://git@git.test/name", "https://[::1/org/name", "https://git.test:port/org/name"]
)
def test_what_names_no_repository_is_refused_without_being_shown(url: str) -> None:
    with pytest.raises(ValueError, match=r"^not the URL of a repository$"):
        repository_of(url)


@pytest.mark.parametrize("text", ["registry", "registry:5000", "10.0.0.1:5000", "[::1]", "[fd00::1]:5000", "r.test:65535"])
def test_a_host_may_have_a_port_and_be_an_ipv6_address_in_brackets(text: str) -> None:
    assert is_host_and_port(text)
    assert address_of(f"https://{text}/x") is not None


@pytest.mark.parametrize(
    "text", ["", "registry:port", "[::1", "::1", "[::1]5000", "registry:0", "registry:65536", "[registry]:1", "a b", "a@b"]
)
def test_what_names_no_server_is_none(text: str) -> None:
    assert not is_host_and_port(text)
    assert "@" in text or address_of(f"https://{text}/x") is None


@pytest.mark.parametrize("kind", FORGE_KINDS)
def test_the_help_and_the_page_name_every_kind_of_forge(kind: str) -> None:
    page = (REPOSITORY / "docs" / "deploy-keys.md").read_text(encoding="utf-8")

    for told in (GITOPS, DEPLOY_KEY, COMMENT, page):
        assert kind in told.lower()
    assert f"`{kind}`" in page, "a value of --forge"
