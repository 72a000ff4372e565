"""What `gitops doctor --demo` calls missing on this machine, shown before the demo starts anything."""

from devcluster.messages.errors import DevclusterError
from devcluster.toolchain.build_place import build_place
from devcluster.toolchain.build_tools import missing_tools
from devcluster.toolchain.cache import cache_root
from devcluster.toolchain.disk import bytes_needed
from gitops.doctor.check_result import BAD
from gitops.doctor.demo_requirements import BUILD_GIGABYTES, RUN_GIGABYTES, DemoNeeds, check_demo_requirements


def demo_needs() -> DemoNeeds:
    """Whether anything is to be built, and the room that it takes in the user's cache: little, where a build is in memory."""
    building = missing_tools()
    on_disk = building and build_place(bytes_needed(building)) == cache_root()
    return DemoNeeds(builds=bool(building), gigabytes=BUILD_GIGABYTES if on_disk else RUN_GIGABYTES)


def refuse_unfit_machine() -> None:
    """Raise DevclusterError when the demo would fail for want of something, with what the doctor says of each."""
    bad = [each for each in check_demo_requirements(demo_needs()) if each.state in BAD]
    if bad:
        raise DevclusterError(
            f"this machine cannot run the demo: {', '.join(each.name for each in bad)}",
            "Nothing was started.",
            "Fix that, then check again: .venv/bin/gitops doctor --demo",
            said=[f"{each.name} {each.message}" for each in bad if each.message],
        )
