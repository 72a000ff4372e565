"""Caches that only a build needs: Go's modules and compiled packages, gigabytes of them. They go when the build is over."""

import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from devcluster.machine.processes import StartedProcess
from devcluster.toolchain.build_place import build_places, place_in_memory
from devcluster.toolchain.cache import cache_root, exclusive, remove_tree

PREFIX = "go-caches-"
LEFT_PREFIX = "left-"
OLD_PREFIX = "go-modules-"
"""The name that earlier versions gave; a build that was killed may have left one."""
LONGEST_WAIT_SECONDS = 600.0
CLONE = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, kw_only=True)
class BuildCaches:
    """Where one build keeps modules and compiled packages: one place for all tools, since they share most packages."""

    directory: Path

    @property
    def work(self) -> Path:
        """For temporary files: a Go that is killed leaves hundreds of megabytes there."""
        return self.directory / "work"

    @property
    def environment(self) -> dict[str, str]:
        """The variables by which Go uses the caches."""
        return {
            "GOMODCACHE": str(self.directory / "modules"),
            "GOCACHE": str(self.directory / "packages"),
            "GOTMPDIR": str(self.work),
        }


@contextmanager
def build_caches(place: Path) -> Iterator[BuildCaches]:
    """The caches of this process's build in `place`, set aside at the end; what is set aside is removed in the background.

    Not the user's own: gigabytes that nothing needs afterwards would stay there.
    """
    directory = place / f"{PREFIX}{os.getpid()}"
    caches = BuildCaches(directory=directory)
    for kept in caches.environment.values():
        Path(kept).mkdir(parents=True, exist_ok=True)
    held = os.open(directory, os.O_RDONLY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield caches
    finally:
        directory.rename(place / f"{LEFT_PREFIX}{PREFIX}{os.getpid()}-{time.time_ns()}")
        os.close(held)


def remove_left_caches_in_background(*, once_this_process_ended: bool = False) -> None:
    """Start a process that removes what builds have left, and outlives this one; it gives way to everything else."""
    if not _left():
        return
    after = [str(os.getpid())] if once_this_process_ended else []
    subprocess.Popen(
        [sys.executable, "-P", "-m", "devcluster.toolchain.build_caches", *after],
        env=os.environ | {"PYTHONPATH": str(CLONE), "PYTHONDONTWRITEBYTECODE": "1"},
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def remove_left_caches(after: int = 0) -> None:
    """Remove the caches that were set aside, and those of dead processes, once the process `after` has ended or has had time enough.

    One whose lock is held is left, too: its process is in another container.
    """
    builder, until = StartedProcess.of(after) if after else None, time.monotonic() + LONGEST_WAIT_SECONDS
    while builder and builder.alive and time.monotonic() < until:
        time.sleep(1.0)
    cache_root().mkdir(parents=True, exist_ok=True)
    with exclusive(cache_root() / ".left.lock"):
        for directory in _left():
            remove_tree(directory)


def make_room_in_memory() -> None:
    """Remove what killed builds left in memory, where it takes seconds: the next build may need the room."""
    if memory := place_in_memory():
        for directory in _left_in(memory):
            remove_tree(directory)


def _left() -> list[Path]:
    return [left for place in build_places() for left in _left_in(place)]


def _left_in(place: Path) -> list[Path]:
    dead = [
        directory
        for prefix in (PREFIX, OLD_PREFIX)
        for directory in place.glob(f"{prefix}*")
        if (pid := directory.name.removeprefix(prefix)).isdecimal() and StartedProcess.of(int(pid)) is None and not _is_held(directory)
    ]
    return [*place.glob(f"{LEFT_PREFIX}{PREFIX}*"), *dead]


def _is_held(directory: Path) -> bool:
    with suppress(FileNotFoundError):
        descriptor = os.open(directory, os.O_RDONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(descriptor)
    return False


@contextmanager
def cleaning_up_when_ended() -> Iterator[None]:
    """SIGTERM and SIGHUP end the program as Ctrl-C does: by an exception, so that caches are removed on the way out."""

    def leave(number: int, _frame: FrameType | None) -> None:
        signal.signal(number, signal.SIG_IGN)  # a closed terminal says so twice, and the second must not cut the removal short
        raise SystemExit(128 + number)

    # What is ignored (SIGHUP under nohup) stays so.
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    caught = {number: handler for number, handler in before.items() if handler is not signal.SIG_IGN}
    for number in caught:
        signal.signal(number, leave)
    try:
        yield
    finally:
        for number, handler in caught.items():
            signal.signal(number, handler)


if __name__ == "__main__":  # without the command line of devcluster, whose imports take longer than the removal of a small cache
    os.nice(19)
    remove_left_caches(*map(int, sys.argv[1:]))
