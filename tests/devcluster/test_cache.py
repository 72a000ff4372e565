"""The cache holds finished directories only."""

import threading
import time
from pathlib import Path

import pytest

from devcluster.toolchain.cache import cache_root, cached_directory, exclusive, remove_abandoned, remove_tree


def test_a_directory_is_filled_once_and_found_afterwards(tmp_path: Path) -> None:
    calls: list[Path] = []

    def fill(directory: Path) -> None:
        calls.append(directory)
        (directory / "file").write_text("content")

    first = cached_directory(tmp_path, "entry", fill)
    second = cached_directory(tmp_path, "entry", fill)

    assert first == second == tmp_path / "entry"
    assert (first / "file").read_text() == "content"
    assert len(calls) == 1
    assert calls[0] != first, "filled under its own name, a killed run would leave half an entry"


def test_a_failed_fill_leaves_nothing_that_looks_finished(tmp_path: Path) -> None:
    def fail(directory: Path) -> None:
        (directory / "half").write_text("x")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        cached_directory(tmp_path, "entry", fail)

    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == []
    assert cached_directory(tmp_path, "entry", lambda directory: (directory / "whole").touch()).is_dir()


def test_what_a_killed_run_left_is_swept_away(tmp_path: Path) -> None:
    abandoned = tmp_path / ".entry.part-abc"
    abandoned.mkdir()
    (abandoned / "half").touch()

    cached_directory(tmp_path, "entry", lambda _directory: None)

    assert not abandoned.exists()


def test_what_killed_runs_left_goes_under_whatever_name_but_not_what_a_living_one_fills(tmp_path: Path) -> None:
    for name in (".old-1.part-abc", ".old-2.part-abc", ".new-1.part-abc"):
        (tmp_path / name / "bin").mkdir(parents=True)
    (tmp_path / "finished").mkdir()

    with exclusive(tmp_path / ".new-1.lock"):
        remove_abandoned(tmp_path)

    assert {path.name for path in tmp_path.iterdir() if path.is_dir()} == {".new-1.part-abc", "finished"}


def test_two_that_ask_at_once_make_it_once(tmp_path: Path) -> None:
    calls: list[int] = []

    def fill(_directory: Path) -> None:
        calls.append(1)
        time.sleep(0.05)

    threads = [threading.Thread(target=cached_directory, args=(tmp_path, "entry", fill)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(calls) == 1


def test_read_only_trees_can_be_removed(tmp_path: Path) -> None:
    folder = tmp_path / "tree" / "inner"
    folder.mkdir(parents=True)
    (folder / "file").touch()
    folder.chmod(0o555)

    remove_tree(tmp_path / "tree")

    assert not (tmp_path / "tree").exists()
    remove_tree(tmp_path / "was never there")


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"GITOPS_CACHE": "/a", "XDG_CACHE_HOME": "/b", "HOME": "/c"}, "/a"),
        ({"XDG_CACHE_HOME": "/b", "HOME": "/c"}, "/b/gitops"),
        ({"HOME": "/c"}, "/c/.cache/gitops"),
    ],
)
def test_the_cache_lies_where_the_person_says(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], expected: str) -> None:
    for name in ("GITOPS_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    assert cache_root() == Path(expected)
