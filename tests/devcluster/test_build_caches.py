"""What killed builds left is removed, and nothing that a living process uses."""

import fcntl
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from devcluster.toolchain import build_place
from devcluster.toolchain.build_caches import build_caches, cleaning_up_when_ended, make_room_in_memory, remove_left_caches


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GITOPS_CACHE", str(tmp_path))
    monkeypatch.setattr(build_place, "SHARED_MEMORY", tmp_path / "memory")
    return tmp_path


def dead_pid() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def made(directory: Path) -> Path:
    (directory / "read-only").mkdir(parents=True)
    (directory / "read-only" / "file").touch()
    (directory / "read-only").chmod(0o555)
    return directory


@pytest.mark.thorough
@pytest.mark.parametrize("prefix", ["go-caches-", "go-modules-"])
def test_only_the_caches_of_dead_builds_are_removed(prefix: str, cache: Path) -> None:
    dead, alive, other = (made(cache / f"{prefix}{pid}") for pid in (dead_pid(), os.getpid(), "mine"))
    remove_left_caches()
    assert (dead.exists(), alive.exists(), other.exists()) == (False, True, True)


def test_a_cache_that_another_container_holds_is_left(cache: Path) -> None:
    directory = made(cache / f"go-caches-{dead_pid()}")
    held = os.open(directory, os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_EX)
    remove_left_caches()
    assert directory.exists(), "its pid is not in this /proc, but its process lives"
    os.close(held)
    remove_left_caches()
    assert not directory.exists()


@pytest.mark.thorough
def test_what_a_killed_build_left_in_memory_is_removed_before_the_next_one_begins(cache: Path) -> None:
    place = cache / "memory" / f"gitops-{os.getuid()}"
    place.mkdir(parents=True, mode=0o700)
    on_disk, dead, alive = (
        made(cache / f"go-caches-{dead_pid()}"),
        made(place / f"go-caches-{dead_pid()}"),
        made(place / f"go-caches-{os.getpid()}"),
    )
    make_room_in_memory()
    assert (on_disk.exists(), dead.exists(), alive.exists()) == (True, False, True), (
        "the disk's are removed in the background: it takes long"
    )


def test_a_cache_is_held_while_it_is_used_and_set_aside_afterwards(cache: Path) -> None:
    with build_caches(cache) as caches:
        made(caches.directory)
        other = os.open(caches.directory, os.O_RDONLY)
        with pytest.raises(BlockingIOError):
            fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.close(other)
    assert not caches.directory.exists(), "this process may build again"
    assert [path.name for path in cache.iterdir()], "removing it takes long, and is nothing to wait for"
    remove_left_caches()
    assert [path.name for path in cache.iterdir() if path.suffix != ".lock"] == []


def test_the_caches_of_a_build_that_goes_on_to_start_a_cluster_stay_until_it_ended(cache: Path) -> None:
    left = made(cache / "left-go-caches-1-1")
    builder = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    removing = threading.Thread(target=remove_left_caches, args=(builder.pid,))
    removing.start()
    time.sleep(0.3)
    assert left.exists(), "the disk is the cluster's now"
    builder.kill()
    builder.wait()
    removing.join(20)
    assert not left.exists()


def end_myself() -> None:
    with cleaning_up_when_ended():
        os.kill(os.getpid(), signal.SIGHUP)
        os.kill(os.getpid(), signal.SIGTERM)


def test_what_the_signals_did_before_they_do_afterwards() -> None:
    hang_up, terminate = signal.signal(signal.SIGHUP, signal.SIG_IGN), signal.getsignal(signal.SIGTERM)
    try:
        with pytest.raises(SystemExit) as ended:
            end_myself()
        assert ended.value.code == 128 + signal.SIGTERM, "SIGHUP was ignored, as under nohup, and stays so"
        assert (signal.getsignal(signal.SIGHUP), signal.getsignal(signal.SIGTERM)) == (signal.SIG_IGN, terminate)
    finally:
        signal.signal(signal.SIGHUP, hang_up)
