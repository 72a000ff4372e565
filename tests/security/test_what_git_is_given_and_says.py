"""What git is given of a stranger's source, what it says of a stranger's server, and a hook's variables around it."""

import os
import subprocess
import tracemalloc
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gitops.catalog_in_git import is_committed
from gitops.check.fetch import clone
from gitops.check.fetch.clone import NotFetchedError, check_out
from gitops.check.fetch.git_process import LARGEST_OUTPUT
from tests.gitops.check.conftest import nobodys_git  # noqa: F401 (a fixture)
from tests.gitops.check.git_server import bare_repository, committed, git
from tests.security.test_git_around_the_check import program, source

pytestmark = [pytest.mark.thorough, pytest.mark.usefixtures("nobodys_git")]


@pytest.mark.parametrize("variable", ["GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE"])
def test_in_a_hook_of_another_repository_an_uncommitted_catalog_is_not_replaced(
    variable: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, others = tmp_path / "ours", tmp_path / "others"
    for folder, catalog in ((ours, "git: {}\n"), (others, "git: {a: b}\n")):
        folder.mkdir()
        git("init", "--quiet", at=folder)
        committed(folder, {"catalog.yaml": catalog})
    assert is_committed(ours)
    (ours / "catalog.yaml").write_text("git: {a: b}\n")
    of_the_hook = {"GIT_DIR": others / ".git", "GIT_INDEX_FILE": others / ".git" / "index", "GIT_WORK_TREE": others}
    for name in {variable, "GIT_DIR"}:
        monkeypatch.setenv(name, str(of_the_hook[name]))

    assert not is_committed(ours)


@pytest.mark.parametrize(
    "spec",
    [
        {"ignore": "a\0b"},
        {"ignore": "\ud800"},
        {"ignore": "a\n" * 300_000},
        {"ref": {"branch": "a" * 200_000}},
        {"ref": {"branch": "\ud800"}},
        {"ref": {"name": "refs/heads/\udc80" + "a" * 200_000}},
    ],
    ids=["NUL in ignore", "half a pair in ignore", "endless ignore", "endless branch", "half a pair in a branch", "endless name"],
)
def test_a_source_asks_for_what_no_program_can_be_given(spec: dict[str, Any], tmp_path: Path) -> None:
    url = str(bare_repository(tmp_path, {"a.yaml": "a: 1"}))
    odd = source(url)

    with pytest.raises(NotFetchedError, match=r"^asks for what git cannot (be given|fetch)"):
        check_out(replace(odd, spec={**odd.spec, **spec}), tmp_path / "out")


SAYING = {
    "says": "head -c 300000000 /dev/zero | tr '\\0' x >&2; echo >&2; echo fatal: the end >&2; exit 128",
    "says on one line": "head -c 300000000 /dev/zero | tr '\\0' x >&2; exit 128",
    "prints": "head -c 300000000 /dev/zero",
}


@pytest.mark.parametrize("how", SAYING)
def test_what_git_passes_on_of_a_server_does_not_fill_the_memory(how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path / "bin" / "git", f"case $1 in fetch) {SAYING[how]} ;; esac")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    (tmp_path / "out" / ".git").mkdir(parents=True)
    tracemalloc.start()
    try:
        with pytest.raises(NotFetchedError) as told:
            check_out(source("https://git.test/a.git"), tmp_path / "out")
        assert tracemalloc.get_traced_memory()[1] < (2 * LARGEST_OUTPUT if how == "prints" else 10 * 1024**2)
    finally:
        tracemalloc.stop()
    assert len(str(told.value)) < 1_000
    assert str(told.value).endswith("the end") or how != "says"


def test_a_commit_that_names_one_directory_a_billion_times_is_not_checked_out(tmp_path: Path) -> None:
    repository = bare_repository(tmp_path, {"a.yaml": "a: 1"})
    blob = git("rev-parse", "HEAD:a.yaml", at=repository)
    tree = written(repository, [f"100644 blob {blob}\ta{number}.yaml" for number in range(10)])
    for _ in range(8):
        tree = written(repository, [f"040000 tree {tree}\td{number}" for number in range(10)])
    git("update-ref", "refs/heads/main", git("commit-tree", tree, "-m", "a bomb", at=repository), at=repository)

    with pytest.raises(NotFetchedError, match="has too many files: their names are more than 38 MiB"):
        check_out(source(str(repository)), tmp_path / "out")

    assert not [each for each in (tmp_path / "out").iterdir() if each.name != ".git"]


def test_a_commit_of_many_or_large_files_is_not_checked_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = str(bare_repository(tmp_path, {"a.yaml": "a" * 2000, "b.yaml": "b: 1"}))
    monkeypatch.setattr(clone, "MOST_FILES", 1)
    with pytest.raises(NotFetchedError, match="has more than 1 files"):
        check_out(source(url), tmp_path / "many")
    monkeypatch.setattr(clone, "MOST_FILES", 2)
    monkeypatch.setattr(clone, "LARGEST_CHECKOUT_GIB", 2000 / 1024**3)
    with pytest.raises(NotFetchedError, match="GiB of files"):
        check_out(source(url), tmp_path / "large")
    monkeypatch.setattr(clone, "LARGEST_CHECKOUT_GIB", 1)
    assert check_out(source(url), tmp_path / "fine").tree.files == ["a.yaml", "b.yaml"]


def test_git_and_what_it_starts_write_no_endless_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path / "bin" / "git", "case $1 in fetch) sh -c 'ulimit -f; ulimit -v' >&2; exit 128 ;; esac")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    (tmp_path / "out" / ".git").mkdir(parents=True)
    with pytest.raises(NotFetchedError, match=f"git says: {8 * 1024**2}$"):
        check_out(source("https://git.test/a.git"), tmp_path / "out")


def written(repository: Path, entries: list[str]) -> str:
    """A tree with these entries."""
    asked = subprocess.run(["git", "mktree"], cwd=repository, input="\n".join(entries) + "\n", capture_output=True, text=True, check=True)
    return asked.stdout.strip()
