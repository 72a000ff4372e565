"""`repository`: a name and files that Gitea takes, or a refusal before anything is made; and the line for the catalog."""

import re
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from devcluster.__main__ import app
from devcluster.commands import repository
from devcluster.commands.homes import cluster_at
from devcluster.gitea.sample_repositories import Samples
from devcluster.messages.errors import DevclusterError
from devcluster.messages.shell_commands import CLONE
from stacks.contract.catalog import Catalog


@pytest.fixture
def pushed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, dict[str, bytes]]:
    """Repository → what was pushed; in a cluster that is taken for a running one."""
    seen: dict[str, dict[str, bytes]] = {}

    def create(_: Samples, name: str, files: dict[str, bytes], *, private: bool = False) -> str:
        seen[f"private {name}" if private else name] = files
        return "0123456789abcdef"

    cluster = cluster_at(tmp_path / "home")
    cluster.home.make()
    cluster.home.choose_ports()
    monkeypatch.setattr(repository, "running", lambda _: cluster)
    monkeypatch.setattr(Samples, "create", create)
    return seen


def test_without_files_of_ones_own_it_begins_with_a_readme(pushed: dict[str, dict[str, bytes]], tmp_path: Path) -> None:
    told = repository.create(tmp_path / "home", "my-app", None)
    assert pushed == {"my-app": {"README.md": b"# my-app\n"}}
    assert "Created the repository daviestechlabs/my-app with 1 file, main at 01234567." in told
    assert f"devcluster env --home {tmp_path / 'home'}" in told
    assert "git clone http://127.0.0.1:" in told


def test_one_without_a_commit_takes_the_history_of_a_clone(pushed: dict[str, dict[str, bytes]], tmp_path: Path) -> None:
    told = repository.create(tmp_path / "home", "my-app", None, empty=True)
    assert pushed == {"my-app": {}}
    assert "Created the repository daviestechlabs/my-app without a commit." in told
    push = r"git remote add origin http://127.0.0.1:\d+/daviestechlabs/my-app.git && git push --set-upstream origin HEAD"
    assert re.search(f"^To push your clone:  .*; {push}$", told, re.MULTILINE)
    assert "if it has a remote `origin`, first run: git remote rename origin upstream" in told
    assert "if a stack is to fetch it; under `git`" in told, "the repository may be for a clone of this program"
    assert "if a stack is to fetch it" not in repository.create(tmp_path / "home", "other", None)
    with pytest.raises(DevclusterError, match="contradict each other"):
        repository.create(tmp_path / "home", "my-app", tmp_path, empty=True)


def test_the_files_of_a_directory_are_pushed_without_what_git_keeps_there(pushed: dict[str, dict[str, bytes]], tmp_path: Path) -> None:
    source = tmp_path / "source"
    (source / ".git").mkdir(parents=True)
    (source / ".git" / "config").touch()
    (source / "apps").mkdir()
    (source / "apps" / "app.yaml").write_text("kind: ConfigMap\n")
    repository.create(tmp_path / "home", "my-app", source)
    assert pushed == {"my-app": {"apps/app.yaml": b"kind: ConfigMap\n"}}


@pytest.mark.parametrize(("bare", "host", "group"), [(False, "gitea", "apps"), (True, "git", "base")], ids=["demo", "bare"])
def test_the_line_for_the_catalog_is_one_that_the_catalog_at_hand_accepts(bare: bool, host: str, group: str) -> None:
    entry = yaml.safe_load(repository.catalog_line("my-app", bare=bare))
    catalog = Catalog.model_validate({"hosts": {host: {"url": "https://git.example.org/o"}}, "git": entry})
    assert catalog.git["my-app"].from_ == f"{host}/my-app"
    assert catalog.git["my-app"].groups == [group]


@pytest.mark.parametrize("bare", [False, True], ids=["demo", "bare"])
def test_a_private_one_is_told_with_the_login_that_reads_it(
    bare: bool, pushed: dict[str, dict[str, bytes]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repository, "is_bare", lambda _: bare)
    token = tmp_path / "home" / "secrets" / "gitea-flux-reader-token"
    told = repository.create(tmp_path / "home", "my-app", None, private=True)
    assert list(pushed) == ["private my-app"]
    assert "Created the private repository daviestechlabs/my-app with 1 file" in told
    line = next(line for line in told.splitlines() if line.startswith("In the catalog:")).partition(":")[2].strip()
    assert yaml.safe_load(line) == {
        "my-app": {"from": f"{'git' if bare else 'gitea'}/my-app", "credential": "gitea-read", "groups": ["base" if bare else "apps"]}
    }
    assert ("gitea-read, which stack dev has" in told) is not bare
    assert (f"pulumi config set --secret gitops:gitea-read-password < {token}" in told) is bare
    assert ("{gitea-read: {type: basic, username: flux-reader}}" in told) is bare


@pytest.mark.parametrize("options", [{}, {"private": True}, {"empty": True}], ids=["files", "private", "empty"])
def test_what_follows_the_label_of_a_line_stands_in_one_column(
    options: dict[str, bool], pushed: dict[str, dict[str, bytes]], tmp_path: Path
) -> None:
    told = repository.create(tmp_path / "home", "my-app", None, **options)
    for line in told.splitlines()[2:]:
        assert re.match(r"(?=.{20} \S)([A-Z][a-z ]+:)? +\S", line), line


def test_the_stack_dev_has_that_login_and_that_group() -> None:
    config = yaml.safe_load((CLONE / "Pulumi.dev.yaml").read_text())["config"]
    assert repository.CREDENTIAL in config["gitops:credentials"]
    assert "apps" in config["gitops:use"]


def test_the_demos_line_says_which_stack_uses_its_group(pushed: dict[str, dict[str, bytes]], tmp_path: Path) -> None:
    assert "stack dev uses group apps; for another stack, write a group that it uses" in repository.create(
        tmp_path / "home", "my-app", None
    )


def test_the_options_make_it_private_or_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[bool, bool]] = []

    def create(*_: object, private: bool, empty: bool) -> str:
        seen.append((private, empty))
        return ""

    monkeypatch.setattr(repository, "create", create)
    for options in ([], ["--private"], ["--empty"]):
        assert CliRunner().invoke(app, ["repository", "my-app", *options]).exit_code == 0
    assert seen == [(False, False), (True, False), (False, True)]


@pytest.mark.parametrize("name", ["", "a b", "../up", "-x", "x.git", "x.wiki", "a/b", "ä"])
def test_a_name_that_gitea_would_refuse_is_refused_before_anything_is_made(
    name: str, pushed: dict[str, dict[str, bytes]], tmp_path: Path
) -> None:
    with pytest.raises(DevclusterError, match="cannot be the name of a repository"):
        repository.create(tmp_path / "home", name, None)
    assert pushed == {}


def test_a_directory_that_is_absent_or_empty_is_refused(pushed: dict[str, dict[str, bytes]], tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for source, wrong in ((tmp_path / "none", "is not a directory"), (tmp_path / "empty", "contains no files")):
        with pytest.raises(DevclusterError) as refused:
            repository.create(tmp_path / "home", "my-app", source)
        assert wrong in " ".join(str(refused.value).split())
    assert pushed == {}
