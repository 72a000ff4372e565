"""Whether there is room for a build: it is said before the build begins, not after nine of ten minutes."""

import math
import shutil
from collections.abc import Sequence
from pathlib import Path

from devcluster.messages.errors import DevclusterError
from devcluster.toolchain.cache import cache_root
from devcluster.toolchain.tool import Tool
from flux.listing import listed

BYTES_OF_A_MODULE = 13_000_000
"""What a module takes at the peak, on average: its files, the packages compiled from it, and its part of the programs."""
SHARE_THAT_STAYS = 0.1
"""The programs' part of that: it lies in the user's cache, wherever the rest is."""
GIGABYTE = 1_000_000_000
NAMED = 3
"""Of more tools, only the number is shown."""


def bytes_needed(tools: Sequence[Tool]) -> int:
    """What building `tools` takes at its peak."""
    return len({module for tool in tools for module in tool.modules}) * BYTES_OF_A_MODULE


def refuse_a_full_disk(tools: Sequence[Tool], place: Path) -> None:
    """Raise DevclusterError when a disk lacks the room to build `tools` with caches in `place`.

    Raises OSError when there can be no cache at all.
    """
    needed, cache = bytes_needed(tools), cache_root()
    if place == cache:
        _refuse(tools, cache, "the cache", needed, "put the cache on another disk: export GITOPS_CACHE=/another/disk/gitops")
        return
    _refuse(tools, place, "the build", needed, "build elsewhere: export GITOPS_BUILD_DIRECTORY=/another/disk/gitops")
    kept = math.ceil(needed * SHARE_THAT_STAYS)
    _refuse(tools, cache, "the cache", kept, "put the cache on another disk: export GITOPS_CACHE=/another/disk/gitops")


def _named(tools: Sequence[Tool]) -> str:
    return listed(tool.name for tool in tools) if len(tools) <= NAMED else f"{len(tools)} tools"


def _refuse(tools: Sequence[Tool], place: Path, of: str, needed: int, way_out: str) -> None:
    place.mkdir(parents=True, exist_ok=True)  # a place that cannot be written has no free space either, and that is not what is wrong
    free = shutil.disk_usage(place).free
    if free < needed:
        raise DevclusterError(
            f"building {_named(tools)} needs {math.ceil(needed / GIGABYTE)} GB of disk space, "
            f"and the disk of {of} {place} has {free / GIGABYTE:.1f} GB left",
            "Nothing was built.",
            f"Free the space, or {way_out}",
        )
