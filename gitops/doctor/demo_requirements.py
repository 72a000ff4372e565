"""What `make demo` needs of a machine. Its ports are the embedded cluster's own business: it chooses free ones."""

import shutil
import sys
from pathlib import Path

from flux.environment import cache_root
from flux.message import Message
from gitops.doctor.check import Check, State
from gitops.doctor.programs import find, python_check, required

GROUP = "demo"
GIGABYTE = 1000**3
BUILD_GIGABYTES = 11.0
"""What the first run needs at its peak, while it builds the programs: 10, and some (docs/cold-start.md)."""
RUN_GIGABYTES = 2.0
"""What a run needs once they are built."""


def check_demo_requirements(*, cache: Path | None = None, gigabytes: float = BUILD_GIGABYTES) -> list[Check]:
    """Python, git, gcc, make, and `gigabytes` free where the programs are kept (`cache`, else the user's cache)."""
    return [
        _platform(),
        python_check(GROUP),
        required(GROUP, "git", find("git", ("git", "--version")), "Gitea's repositories are made with it."),
        required(GROUP, "gcc", find("gcc", ("gcc", "-dumpfullversion")), "Gitea's database is compiled with it."),
        required(GROUP, "make", find("make", ("make", "--version")), "`make demo` cannot run."),
        _disk(cache or cache_root(), gigabytes),
    ]


def _platform() -> Check:
    if sys.platform == "linux":
        return Check(group=GROUP, name="platform", state=State.OK, found="Linux")
    message = Message("is not Linux", "The demo's programs do not run here.", "Run it on a Linux machine; `pulumi up` works from here.")
    return Check(group=GROUP, name="platform", state=State.FAILED, found=sys.platform, message=message)


def _disk(cache: Path, gigabytes: float) -> Check:
    there = next(folder for folder in (cache, *cache.parents) if folder.is_dir())
    free = shutil.disk_usage(there).free / GIGABYTE
    found = f"{free:.0f} GB free at {there}"
    if free >= gigabytes:
        return Check(group=GROUP, name="disk", state=State.OK, found=found)
    message = Message(
        f"has less than {gigabytes:.0f} GB free",
        "Building the demo's programs would stop halfway.",
        "Free some space, or run: export GITOPS_CACHE=…",
    )
    return Check(group=GROUP, name="disk", state=State.FAILED, found=found, message=message)
