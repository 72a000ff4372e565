"""The user's cache: where it lies, and its directories: finished ones only, each under a name that says what it was made from."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from devcluster.messages.errors import DevclusterError
from flux.environment import cache_root
from flux.own_directory import OTHERS_WRITE, not_own

__all__ = ["cache_root", "cached_directory", "exclusive", "remove_abandoned", "remove_tree"]


@contextmanager
def exclusive(lock: Path) -> Iterator[None]:
    """Hold `lock` against every other process of this user; waits for as long as another holds it."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def cached_directory(parent: Path, name: str, fill: Callable[[Path], None]) -> Path:
    """Return `parent/name`, made by `fill(temporary directory)` when it is missing.

    The directory appears under its name in one rename, after `fill` returned: a killed or failed
    `fill` leaves nothing that could be taken for a finished entry. Two processes asking for one
    entry make it once.
    """
    entry = parent / name
    _check_own(parent)
    if entry.is_dir():
        return entry
    with exclusive(parent / f".{name}.lock"):
        if entry.is_dir():
            return entry
        for abandoned in parent.glob(f".{name}.part-*"):
            remove_tree(abandoned)
        unfinished = Path(tempfile.mkdtemp(prefix=f".{name}.part-", dir=parent))
        try:
            fill(unfinished)
            unfinished.chmod(0o755)
            unfinished.rename(entry)
        except BaseException:
            remove_tree(unfinished)
            raise
    return entry


def _check_own(parent: Path) -> None:
    """What lies there is run. Raises DevclusterError where another user may have put it there."""
    for directory in (parent.parent.resolve(), parent.resolve()):
        if directory.exists() and (told := not_own(directory, OTHERS_WRITE)):
            raise DevclusterError(told.wrong, "Others could change what is run.", told.fix)


def remove_abandoned(parent: Path) -> None:
    """Remove what killed runs left half made in `parent`, under whatever name; what a living process fills now is left alone."""
    for unfinished in parent.glob(".*.part-*"):
        entry = unfinished.name.rpartition(".part-")[0]
        with (parent / f"{entry}.lock").open("w") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            remove_tree(unfinished)


def remove_tree(directory: Path) -> None:
    """Remove `directory`, read-only entries (as in a Go module cache) included; absent is fine."""
    for folder, _, _ in os.walk(directory):
        if not os.access(folder, os.W_OK):
            Path(folder).chmod(0o755)
    shutil.rmtree(directory, ignore_errors=True)
