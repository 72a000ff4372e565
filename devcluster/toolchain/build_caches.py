"""Caches that only a build needs: Go's modules, gigabytes of them. They go when the build ends, and when a killed one left them."""

import fcntl
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

from devcluster.machine.processes import StartedProcess
from devcluster.toolchain.cache import cache_root, remove_tree

PREFIX = "go-modules-"


@contextmanager
def module_cache() -> Iterator[Path]:
    """Go's module cache for this process, removed at the end, with those that killed builds left behind.

    Not the user's own: 7 GB that nothing needs afterwards would stay there.
    """
    remove_abandoned_module_caches()
    directory = cache_root() / f"{PREFIX}{os.getpid()}"
    directory.mkdir(parents=True, exist_ok=True)
    held = os.open(directory, os.O_RDONLY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield directory
    finally:
        remove_tree(directory)
        os.close(held)


def remove_abandoned_module_caches() -> None:
    """Remove the module caches of dead processes. One whose lock is held is left, too: its process is in another container."""
    for directory in cache_root().glob(f"{PREFIX}*"):
        pid = directory.name.removeprefix(PREFIX)
        if pid.isdecimal() and StartedProcess.of(int(pid)) is None and not _is_held(directory):
            remove_tree(directory)


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
