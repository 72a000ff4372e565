"""GitHub's deploy keys, against a stand-in that is written from its documentation: GitHub itself cannot be had in a test."""

from collections.abc import Iterator
from typing import Any

import pytest

from flux.bounded_documents import Bounds
from gitops.errors import CommandError
from gitops.forges import client
from gitops.forges.forge import Forge, RefusedError
from gitops.forges.github import GitHub, api_of, is_github, token_in
from gitops.forges.hosted_repository import Repository, repository_of
from tests.gitops.forges.github_stand_in import API, TOKEN, Answer, GitHubStandIn, serving

REPOSITORY = "daviestechlabs/argo"
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"
ENVIRONMENT = {"GH_ENTERPRISE_TOKEN": TOKEN}


@pytest.fixture
def stand_in() -> Iterator[GitHubStandIn]:
    with serving(GitHubStandIn(repositories={REPOSITORY: []})) as running:
        yield running


@pytest.fixture
def github(stand_in: GitHubStandIn) -> Iterator[Forge]:
    made = GitHub(stand_in.url, ENVIRONMENT)
    yield made
    made.close()


def repository(path: str = REPOSITORY) -> Repository:
    return repository_of(f"ssh://git@127.0.0.1/{path}.git")


def test_a_key_is_added_that_may_read_and_no_more(github: Forge, stand_in: GitHubStandIn) -> None:
    number = github.add_deploy_key(repository(), "flux/dev/a/2026-11", f"{KEY} comment")

    (found,) = github.deploy_keys(repository())
    assert (found.id, found.title, found.public_key, found.read_only) == (number, "flux/dev/a/2026-11", KEY, True)
    assert found.created == "2026-11-24T06:00:00Z"
    github.remove_deploy_key(repository(), found)
    assert stand_in.titles(REPOSITORY) == []


def test_it_is_asked_as_its_documentation_wants(github: Forge, stand_in: GitHubStandIn) -> None:
    github.check_token()
    github.deploy_keys(repository())

    assert [target for target, _ in stand_in.asked] == [f"GET {API}/meta", f"GET {API}/repos/{REPOSITORY}/keys?per_page=100&page=1"]
    for _, headers in stand_in.asked:
        assert headers["authorization"] == f"Bearer {TOKEN}"
        assert headers["accept"] == "application/vnd.github+json"
        assert headers["x-github-api-version"]
        assert headers["user-agent"] == "gitops"


def test_all_pages_are_read_and_the_address_of_none_is_followed(github: Forge, stand_in: GitHubStandIn) -> None:
    stand_in.largest_page = 2
    for number in range(5):
        stand_in.put(REPOSITORY, str(number), f"ssh-ed25519 AAAA{number}")

    assert [key.title for key in github.deploy_keys(repository())] == list("01234")
    assert len(stand_in.asked) == 3


def forbidden(message: str, **headers: str) -> Answer:
    return 403, {"message": message}, {name.replace("_", "-"): value for name, value in headers.items()}


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((404, {"message": "Not Found"}, {}), f"there is no {REPOSITORY} at "),
        ((404, {"message": "Not Found"}, {}), "or the token may not see it: it needs Administration: write"),
        (forbidden("Resource not accessible by personal access token"), "give the token the permission Administration: write"),
        (
            forbidden(
                "Resource protected by organization SAML enforcement.", X_GitHub_SSO="required; url=https://github.test/sso?x=marker"
            ),
            "the token is not authorised for single sign-on to daviestechlabs; authorise it: Settings, tokens, Configure SSO",
        ),
        ((301, {"message": "Moved Permanently"}, {"Location": "https://elsewhere.test/"}), f"{REPOSITORY} was renamed or moved"),
        ((422, {"message": "Validation Failed", "errors": [{"message": "key is already in use"}]}, {}), "GitHub accepts a key only once"),
        ((422, {"message": "Deploy keys are disabled for this repository"}, {}), "GitHub answers 422: Deploy keys are disabled"),
        ((500, b"", {}), "GitHub answers 500: Internal Server Error"),
    ],
)
def test_what_it_refuses_of_one_repository_is_told_in_words(answer: Answer, said: str, github: Forge, stand_in: GitHubStandIn) -> None:
    stand_in.refuse_with = answer

    with pytest.raises(RefusedError) as told:
        github.deploy_keys(repository())

    assert said in str(told.value)
    assert "marker" not in str(told.value)
    assert TOKEN not in str(told.value)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (forbidden("API rate limit exceeded", X_RateLimit_Remaining="0", X_RateLimit_Reset="1795500000"), "Wait until 06:00 UTC"),
        ((429, {"message": "Too many"}, {"Retry-After": "60"}), "Wait 60 s, then run it again."),
        (forbidden("You have exceeded a secondary rate limit"), "Wait a minute"),
    ],
)
def test_a_limit_ends_the_command_and_says_how_long_it_lasts(answer: Answer, said: str, github: Forge, stand_in: GitHubStandIn) -> None:
    stand_in.refuse_with = answer

    with pytest.raises(CommandError, match="accepts no more requests with this token for now") as told:
        github.deploy_keys(repository())

    assert said in str(told.value)
    assert "Earlier changes remain; you can run the command again." in str(told.value)


def test_a_key_that_another_repository_has_is_told_with_the_way_out(github: Forge, stand_in: GitHubStandIn) -> None:
    stand_in.repositories["daviestechlabs/other"] = []
    stand_in.put("daviestechlabs/other", "x", KEY)

    with pytest.raises(RefusedError, match="give each repository its own credential"):
        github.add_deploy_key(repository(), "flux/dev/a/2026-11", KEY)


def test_a_token_that_does_not_work_is_told_once(stand_in: GitHubStandIn) -> None:
    another = GitHub(stand_in.url, {"GH_ENTERPRISE_TOKEN": "un" + "known"})

    with pytest.raises(CommandError, match=r"GH_ENTERPRISE_TOKEN or GITHUB_ENTERPRISE_TOKEN \(401: Bad credentials\)\. Nothing was done\."):
        another.check_token()
    another.close()


def test_what_is_no_github_is_not_taken_for_one(github: Forge, stand_in: GitHubStandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stand_in, "answer", lambda *_: (200, {"version": "1.26"}, {}))

    with pytest.raises(CommandError, match="answers, but not as GitHub's API does"):
        github.check_token()


def test_no_more_is_read_than_an_api_could_say(github: Forge, stand_in: GitHubStandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "LARGEST_ANSWER", Bounds(size=100))
    stand_in.refuse_with = (200, b"[" + b" " * 200 + b"]", {})

    with pytest.raises(CommandError, match="answers with more than 100 bytes"):
        github.deploy_keys(repository())


def test_a_token_goes_nowhere_unencrypted() -> None:
    with pytest.raises(CommandError, match=r"http://github\.example is not encrypted"):
        GitHub("http://github.example", ENVIRONMENT)


@pytest.mark.parametrize(
    ("url", "host", "api"),
    [
        ("https://github.com", "github.com", "https://api.github.com"),
        ("https://acme.ghe.com", "acme.ghe.com", "https://api.acme.ghe.com"),
        ("https://github.example/", "github.example", "https://github.example/api/v3"),
        ("https://github.example/api/v3", "github.example", "https://github.example/api/v3"),
    ],
)
def test_each_edition_has_its_api_elsewhere(url: str, host: str, api: str) -> None:
    made = GitHub(url, {"GH_TOKEN": "a", "GH_ENTERPRISE_TOKEN": "b"})
    made.close()

    assert host in made.hosts
    assert api_of(made.url, host) == api


@pytest.mark.parametrize(
    ("environment", "host", "token"),
    [
        ({"GH_TOKEN": "a", "GITHUB_TOKEN": "b"}, "github.com", "a"),
        ({"GITHUB_TOKEN": "b"}, "acme.ghe.com", "b"),
        ({"GH_TOKEN": " ", "GITHUB_TOKEN": "b"}, "github.com", "b"),
        ({"GH_TOKEN": "a"}, "github.example", None),
        ({"GH_TOKEN": "a", "GITHUB_ENTERPRISE_TOKEN": "c"}, "github.example", "c"),
    ],
)
def test_a_token_of_github_com_is_for_no_other_server(environment: dict[str, Any], host: str, token: str | None) -> None:
    assert token_in(environment, host) == token


@pytest.mark.parametrize("host", ["github.com", "ssh.github.com", "acme.ghe.com", "github.example"])
def test_githubs_hosts_are_known_by_their_names(host: str) -> None:
    assert is_github(host)


@pytest.mark.parametrize("host", ["git.example", "notgithub.com", "github", "mygithub.example", "ghe.com.example", "127.0.0.1"])
def test_no_other_host_is_taken_for_githubs(host: str) -> None:
    assert not is_github(host)


def test_of_a_long_refusal_the_end_is_shown_because_the_reason_stands_there(github: Forge, stand_in: GitHubStandIn) -> None:
    stand_in.refuse_with = (500, {"message": f"Git backend failed: {'at a, ' * 400}caused by: disk full"}, {})
    with pytest.raises(RefusedError, match=r"GitHub answers 500: Git backend failed: .*….*caused by: disk full"):
        github.deploy_keys(repository())
