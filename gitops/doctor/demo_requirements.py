"""What `make demo` needs of a machine. Its ports are the embedded cluster's own business: it chooses free ones."""

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from flux.bounded_documents import Bounds, json_object
from flux.environment import cache_root
from flux.message import Message
from gitops.doctor.check_result import Check, State
from gitops.doctor.programs import find, output_of, python_check, required

GROUP = "demo"
GIGABYTE = 1000**3
BUILD_GIGABYTES = 11.0
"""What the first run needs at its peak, while it builds the programs: 10, and some (docs/cold-start.md)."""
RUN_GIGABYTES = 2.0
"""What a run needs once they are built."""


_AN_ANSWER = Bounds(size=4096)
ONLY_TO_BUILD = ("gcc", "make")
REPOSITORY = Path(__file__).parents[2]
"""The clone of which this program is a part, and not the directory in which somebody calls it: code of that is never run."""


@dataclass(frozen=True, kw_only=True)
class DemoNeeds:
    """What is still to be done before the demo can start."""

    builds: bool = True
    """Whether programs are still to be built."""
    gigabytes: float = BUILD_GIGABYTES
    """How much must be free where the programs are kept."""


def demo_needs() -> DemoNeeds:
    """What `make demo` will ask for in this clone, by its own account; all of it where it gives none."""
    said = output_of([sys.executable, "-m", "devcluster", "needs"], REPOSITORY) if (REPOSITORY / "devcluster").is_dir() else None
    needs = json_object(said, _AN_ANSWER) if said else None
    return DemoNeeds(builds=bool(needs["builds"]), gigabytes=float(needs["gigabytes"])) if needs else DemoNeeds()


def check_demo_requirements(needs: DemoNeeds | None = None, *, cache: Path | None = None) -> list[Check]:
    """Python, git, and what `needs` (all of it, without) asks for: gcc and make, and room in `cache`, else in the user's."""
    needs = needs or DemoNeeds()
    checks = [
        _platform(),
        python_check(GROUP),
        required(GROUP, "git", find("git", ("git", "--version")), "Gitea's repositories are made with it."),
        required(GROUP, "gcc", find("gcc", ("gcc", "-dumpfullversion")), "Gitea's database is compiled with it."),
        required(GROUP, "make", find("make", ("make", "--version")), "`make demo` cannot run."),
        _disk(cache or cache_root(), needs.gigabytes),
    ]
    return [check for check in checks if needs.builds or check.name not in ONLY_TO_BUILD]


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
