"""Publishing with the real git, to a repository in a directory."""

import os
import subprocess
from pathlib import Path

import httpx
import pytest

from devcluster.gitea.git_publisher import Publisher
from devcluster.messages.errors import DevclusterError

NOBODY = httpx.BasicAuth("nobody", "nothing")


def git(*arguments: str, at: Path) -> str:
    identity = {f"GIT_{who}_{what}": "person@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    environment = {"PATH": os.environ["PATH"], "HOME": str(at), "GIT_CONFIG_GLOBAL": os.devnull, **identity}
    return subprocess.run(["git", *arguments], cwd=at, env=environment, capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture
def server(tmp_path: Path) -> Path:
    git("init", "--quiet", "--bare", "--initial-branch=main", "server.git", at=tmp_path)
    return tmp_path / "server.git"


def publisher(server: Path, clone: str = "clone.git") -> Publisher:
    return Publisher(str(server), NOBODY, server.parent / clone)


def files(server: Path) -> list[str]:
    return git("ls-tree", "-r", "--name-only", "main", at=server).splitlines()


def pushed_by_a_person(server: Path, path: str, content: str) -> str:
    git("clone", "--quiet", str(server), "work", at=server.parent)
    work = server.parent / "work"
    (work / path).write_text(content)
    git("add", ".", at=work)
    git("commit", "--quiet", "--message", "mine", at=work)
    git("push", "--quiet", "origin", "main", at=work)
    return git("rev-parse", "HEAD", at=work)


@pytest.mark.thorough
def test_the_same_files_make_the_same_commit_on_every_machine(tmp_path: Path) -> None:
    commits = set()
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        git("init", "--quiet", "--bare", "--initial-branch=main", "server.git", at=tmp_path / name)
        commits.add(publisher(tmp_path / name / "server.git").publish({"b": b"2", "a/c": b"1"}, "feat: it"))
    assert len(commits) == 1


@pytest.mark.thorough
def test_nothing_is_pushed_when_nothing_changed(server: Path) -> None:
    first = publisher(server).publish({"a": b"1"}, "feat: it")
    assert publisher(server).publish({"a": b"1"}, "feat: it") == first
    assert publisher(server, "fresh-clone.git").publish({"a": b"1"}, "feat: it") == first, "not even by somebody who knows no history"
    assert git("rev-list", "--count", "main", at=server) == "1"


@pytest.mark.thorough
def test_a_persons_own_commit_survives_the_next_run(server: Path) -> None:
    publisher(server).publish({"a": b"1"}, "feat: it", part="samples")
    theirs = pushed_by_a_person(server, "a", "changed by hand")
    assert publisher(server).publish({"a": b"1"}, "feat: it", part="samples") == theirs


@pytest.mark.thorough
def test_a_file_that_left_a_part_leaves_the_repository_and_no_other_does(server: Path) -> None:
    publish = publisher(server).publish
    publish({"a": b"1", "b": b"1"}, "feat: it", part="samples")
    publish({"c": b"1"}, "feat: more", part="secrets")
    publish({"d": b"1"}, "feat: by hand")
    publish({"b": b"2"}, "feat: less", part="samples")
    assert files(server) == ["b", "c", "d"]


@pytest.mark.thorough
def test_files_without_a_part_are_only_ever_added(server: Path) -> None:
    publisher(server).publish({"a": b"1"}, "feat: one")
    publisher(server).publish({"b": b"1"}, "feat: two")
    assert files(server) == ["a", "b"]


@pytest.mark.thorough
def test_history_begins_with_the_newest_commit_whoever_made_it(server: Path) -> None:
    first = publisher(server).publish({"a": b"1"}, "feat: it")
    assert publisher(server).history() == [first]
    theirs = pushed_by_a_person(server, "b", "new")
    assert publisher(server).history() == [theirs, first]


@pytest.mark.thorough
def test_a_file_is_read_as_it_is_on_the_server_now(server: Path) -> None:
    publisher(server).publish({"a": b"1"}, "feat: it")
    pushed_by_a_person(server, "a", "2")
    assert publisher(server).read("a") == b"2"
    assert publisher(server).read("absent") is None


def test_an_unreachable_server_is_one_message_without_the_password(tmp_path: Path) -> None:
    secret = "not-to-be-" + "told"
    unreachable = Publisher("http://127.0.0.1:1/it.git", httpx.BasicAuth("me", secret), tmp_path / "clone.git")
    with pytest.raises(DevclusterError, match=r"`git ls-remote` for http://127\.0\.0\.1:1/it\.git failed") as told:
        unreachable.publish({"a": b"1"}, "feat: it")
    assert secret not in str(told.value)
    assert not [file for file in (tmp_path / "clone.git").rglob("*") if file.is_file() and secret.encode() in file.read_bytes()]
