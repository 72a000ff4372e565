"""What `gitops doctor --demo` calls missing on this machine, told before the demo starts anything."""

from importlib import import_module

from devcluster.messages.errors import DevclusterError
from devcluster.toolchain.build_place import build_place
from devcluster.toolchain.build_tools import missing_tools
from devcluster.toolchain.cache import cache_root
from devcluster.toolchain.disk import bytes_needed

ONLY_TO_BUILD = ("gcc", "make")


def refuse_unfit_machine() -> None:
    """Raise DevclusterError when the demo would fail for want of something, with what the doctor says of each."""
    try:  # by name, so that a clone without the doctor runs its demo, too
        doctor, check = import_module("gitops.doctor.demo_requirements"), import_module("gitops.doctor.check")
    except ModuleNotFoundError:
        return
    building = missing_tools()
    on_disk = building and build_place(bytes_needed(building)) == cache_root()
    checks = doctor.check_demo_requirements(gigabytes=doctor.BUILD_GIGABYTES if on_disk else doctor.RUN_GIGABYTES)
    bad = [each for each in checks if each.state in check.BAD and (building or each.name not in ONLY_TO_BUILD)]
    if bad:
        raise DevclusterError(
            f"this machine cannot run the demo: {', '.join(each.name for each in bad)}",
            "Nothing was started.",
            "Fix that, then check again: .venv/bin/gitops doctor --demo",
            said=[f"{each.name} {each.message}" for each in bad if each.message],
        )
