"""A stack that names a repository which the demo's Gitea does not have is refused at once, and the message says how to go on."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from devcluster.gitea.gitea_server import GiteaServer
from devcluster.gitea.sample_repositories import Samples
from devcluster.machine.home import Home
from devcluster.messages.errors import DevclusterError
from devcluster.program import missing_repositories as module
from devcluster.program.missing_repositories import missing_repositories, refuse_missing_repositories
from gitops.errors import CommandError
from gitops.stack_sources import StackRepository
from tests.shipped_stacks import dev_environment

SSH, HTTPS, HTTP = "ssh://git@127.0.0.1:2222/org", "https://127.0.0.1:3443/org", "http://127.0.0.1:3000/org"
ENVIRONMENT = {"GITOPS_DEV_GITEA_SSH": SSH, "GITOPS_DEV_GITEA_HTTPS": HTTPS, "GITOPS_DEV_GITEA_HTTP": HTTP}

Refusal = Callable[..., str | None]


@pytest.fixture
def samples(tmp_path: Path) -> Samples:
    home = Home(directory=tmp_path / "home", name="unit")
    home.make()
    home.choose_ports()
    return Samples(home, GiteaServer(home))


@pytest.fixture
def refusal(samples: Samples, monkeypatch: pytest.MonkeyPatch) -> Refusal:
    """What is told of a stack with these URLs, whose files differ like this; None when nothing is."""
    monkeypatch.setattr(Samples, "names", lambda _: {"argo", "homelab-k8s2"})

    def refusal(urls: Mapping[str, str], changed: list[str]) -> str | None:
        sources = [StackRepository(url=url, has_credential=name.startswith("private")) for name, url in urls.items()]
        monkeypatch.setattr(module, "git_sources", lambda _: sources)
        monkeypatch.setattr(module, "changed_files", lambda: changed)
        try:
            refuse_missing_repositories(samples, ENVIRONMENT)
        except DevclusterError as error:
            told = error.message
            return f"{told.wrong}.\n  {told.consequence}\n  {told.fix}"
        return None

    return refusal


def test_repositories_are_looked_for_under_every_address_of_the_demos_gitea_and_nowhere_else() -> None:
    urls = [f"{SSH}/one.git", f"{HTTPS}/two.git", f"{HTTP}/three", f"{HTTPS}/Argo.git", "https://github.com/org/four.git", f"{HTTPS}x/five"]
    sources = [StackRepository(url=url, has_credential=False) for url in urls]
    assert list(missing_repositories(sources, [SSH, HTTPS, HTTP], {"argo"})) == ["one", "three", "two"]


def test_one_that_is_gone_is_told_in_three_lines_with_both_ways_on(refusal: Refusal, tmp_path: Path) -> None:
    told = refusal({"app": f"{HTTPS}/app.git", "argo": f"{HTTPS}/argo.git"}, ["Pulumi.dev.yaml"])
    assert told is not None
    wrong, consequence, fix = told.splitlines()
    assert wrong == "Pulumi.dev.yaml, changed since the last commit, names a repository that the demo's Gitea does not have: app."
    assert consequence == "  Flux could not fetch it, and the demo would wait 300 s for nothing."
    assert f"devcluster repository app --home {tmp_path / 'home'}`, then run `" in fix
    assert fix.endswith("` again. Or restore the shipped files, and keep yours aside: git stash push Pulumi.dev.yaml")


def test_one_that_a_credential_reads_is_made_private(refusal: Refusal) -> None:
    assert "devcluster repository app --private --home" in str(refusal({"private": f"{HTTPS}/app.git"}, []))


def test_several_are_named_together(refusal: Refusal) -> None:
    told = refusal({"a": f"{HTTPS}/a.git", "b": f"{SSH}/b.git"}, ["Pulumi.dev.yaml", "catalog.yaml"])
    assert told is not None
    assert told.startswith("Pulumi.dev.yaml and catalog.yaml, changed since the last commit, name 2 repositories that")
    assert "have: a, b.\n" in told


def test_a_commit_of_the_change_hides_nothing(refusal: Refusal) -> None:
    told = refusal({"a": f"{HTTPS}/a.git"}, [])
    assert told is not None
    assert told.startswith("stack dev names a repository")
    assert "git stash" not in told


def test_a_stack_whose_repositories_are_there_goes_on(refusal: Refusal) -> None:
    assert refusal({"argo": f"{HTTPS}/argo.git"}, ["Pulumi.dev.yaml"]) is None


def test_a_stack_that_cannot_be_read_is_left_to_pulumi_which_says_why(samples: Samples, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: str) -> list[StackRepository]:
        raise CommandError("3 problems")

    monkeypatch.setattr(module, "git_sources", broken)
    refuse_missing_repositories(samples, ENVIRONMENT)


def test_the_shipped_dev_stack_names_the_samples_and_no_other(samples: Samples, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    environment = {**dev_environment(tmp_path), "GITOPS_DEV_GITEA_HTTP": "http://127.0.0.1:3000/daviestechlabs"}
    before = dict(os.environ)
    monkeypatch.setattr(Samples, "names", lambda each: set(each.repositories))
    refuse_missing_repositories(samples, environment)
    monkeypatch.setattr(Samples, "names", lambda each: set(each.repositories) - {"argo"})
    with pytest.raises(DevclusterError, match="a repository that the demo's Gitea does not have: argo"):
        refuse_missing_repositories(samples, environment)
    assert dict(os.environ) == before
