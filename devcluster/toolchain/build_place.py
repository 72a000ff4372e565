"""Where a build keeps its caches: in memory where there is plenty, else on the disk of the user's cache.

They are 10 GB of files that live for ten minutes: writing them to a disk took two minutes of a cold start (docs/cold-start.md).
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from devcluster.toolchain.cache import cache_root
from flux.own_directory import OTHERS, not_own

SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 (a directory of the user's own is made in it: place_in_memory)
KEPT_FREE = 6_000_000_000
"""Bytes of memory that the caches leave: for four compilers of 1.5 GB at most."""
CONTROL_GROUPS = Path("/sys/fs/cgroup")
MEMORY_INFORMATION = Path("/proc/meminfo")
OWN_CONTROL_GROUP = Path("/proc/self/cgroup")


def build_place(needed: int) -> Path:
    """The directory for caches of `needed` bytes: `$GITOPS_BUILD_DIRECTORY`, else memory with room for them, else the user's cache."""
    if chosen := os.environ.get("GITOPS_BUILD_DIRECTORY"):
        return Path(chosen).absolute()
    if _free_in_shared_memory() >= needed and available_memory() >= needed + KEPT_FREE:
        with suppress(OSError):
            _own_shared_memory().mkdir(mode=0o700, exist_ok=True)
        return place_in_memory() or cache_root()
    return cache_root()


def place_in_memory() -> Path | None:
    """This user's directory in shared memory, if there is one, and no other user can read or write it: another may have made one before."""
    memory = _own_shared_memory()
    try:
        return None if not_own(memory, OTHERS) else memory
    except OSError:
        return None


def build_places() -> list[Path]:
    """Every directory in which a build may have left caches."""
    chosen = os.environ.get("GITOPS_BUILD_DIRECTORY")
    found = [cache_root(), place_in_memory(), Path(chosen).absolute() if chosen else None]
    return list(dict.fromkeys(place for place in found if place))


def available_memory() -> int:
    """Bytes that this process can have without pushing anything out; a container's limit counts, too."""
    return min([_available_on_the_machine(), *_left_in_control_groups()])


def _available_on_the_machine() -> int:
    with suppress(OSError):
        for line in MEMORY_INFORMATION.read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    return 0


def _left_in_control_groups() -> Iterator[int]:
    """What the limit of this process's control group, and of each above it, leaves. File caches count as used: the kernel says so."""
    yield from _left(CONTROL_GROUPS / "memory" / "memory.limit_in_bytes", CONTROL_GROUPS / "memory" / "memory.usage_in_bytes")  # version 1
    with suppress(OSError):
        for line in OWN_CONTROL_GROUP.read_text().splitlines():
            if line.startswith("0::/"):
                own = CONTROL_GROUPS / line.removeprefix("0::/")
                for group in [own, *own.parents]:
                    if group.is_relative_to(CONTROL_GROUPS):
                        yield from _left(group / "memory.max", group / "memory.current")


def _left(limit: Path, used: Path) -> Iterator[int]:
    with suppress(OSError, ValueError):  # no such file: no limit; "max": none either
        yield max(0, int(limit.read_text()) - int(used.read_text()))


def _free_in_shared_memory() -> int:
    with suppress(OSError):
        found = os.statvfs(SHARED_MEMORY)
        return found.f_bavail * found.f_frsize
    return 0


def _own_shared_memory() -> Path:
    return SHARED_MEMORY / f"gitops-{os.getuid()}"
