"""Whether there is room for a build: it is said before the build begins, not after nine of ten minutes."""

import math
import shutil
from collections.abc import Sequence

from devcluster.messages.errors import DevclusterError
from devcluster.toolchain.cache import cache_root
from devcluster.toolchain.tool import Tool

BYTES_OF_A_MODULE = 13_000_000
"""What a module takes at the peak, on average: its files, the packages compiled from it, and its part of the programs."""
GIGABYTE = 1_000_000_000


def refuse_a_full_disk(tools: Sequence[Tool]) -> None:
    """Raise DevclusterError when the cache's disk lacks the room to build `tools`; OSError when there can be no cache at all."""
    needed = len({module for tool in tools for module in tool.modules}) * BYTES_OF_A_MODULE
    place = cache_root()
    place.mkdir(parents=True, exist_ok=True)  # a place that cannot be written has no free space either, and that is not what is wrong
    free = shutil.disk_usage(place).free
    if free < needed:
        raise DevclusterError(
            f"building {', '.join(tool.name for tool in tools)} needs {math.ceil(needed / GIGABYTE)} GB of disk space, "
            f"and the disk of the cache {place} has {free / GIGABYTE:.1f} GB left",
            "Nothing was built.",
            "Free the space, or put the cache on another disk: export GITOPS_CACHE=/another/disk/gitops",
        )
