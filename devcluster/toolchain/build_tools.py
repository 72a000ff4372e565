"""Building the tools that the user cache lacks."""

import threading
from collections.abc import Collection, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

from devcluster.messages.errors import DevclusterError
from devcluster.messages.progress import Steps
from devcluster.toolchain.build_caches import build_caches, cleaning_up_when_ended, make_room_in_memory, remove_left_caches_in_background
from devcluster.toolchain.build_place import build_place
from devcluster.toolchain.cache import cache_root, remove_abandoned
from devcluster.toolchain.disk import bytes_needed, refuse_a_full_disk
from devcluster.toolchain.go import go_command
from devcluster.toolchain.go_build import GoBuild
from devcluster.toolchain.go_runs import GoRuns
from devcluster.toolchain.making import Making
from devcluster.toolchain.official import OfficialFile, accepted_files
from devcluster.toolchain.official_download import OfficialDownloads
from devcluster.toolchain.tool import Tool, all_tools, every_tool

LANES = 2
"""How many builds run at a time: one compiles, and one that has compiled everything links, which takes one core only."""


def tools_directory() -> Path:
    """Where the cache keeps one directory for each built tool."""
    return cache_root() / "tools"


def entry(tool: Tool) -> Path:
    """Where `tool` lies in the cache once it is built."""
    return tools_directory() / tool.key


def missing_tools(also_for: str = "") -> list[Tool]:
    """What the cache does not hold yet of `all_tools`."""
    return [tool for tool in all_tools(also_for) if not entry(tool).is_dir()]


def build_missing_tools(names: Collection[str] | None = None, *, also_for: str = "", keep_caches_until_exit: bool = False) -> None:
    """Build what the cache lacks: of `names`, or of everything that the embedded cluster runs and `also_for` needs beside it.

    The build's own caches are removed afterwards, in the background: gigabytes, which keep a disk busy that a cluster may need just now,
    so with `keep_caches_until_exit` that begins when this process has ended.

    Raises DevclusterError with the compiler's last lines and the command that tries again.
    """
    known = every_tool()
    if unknown := sorted(set(names or ()) - known.keys()):
        raise DevclusterError(f"{', '.join(unknown)} is not a tool", "Nothing was built.", f"The tools are {', '.join(known)}.")
    missing = [known[name] for name in known if name in names and not entry(known[name]).is_dir()] if names else missing_tools(also_for)
    if missing:
        make_room_in_memory()
        place = build_place(bytes_needed(missing))
        refuse_a_full_disk(missing, place)
        go_command()  # it may have to be installed, with a step of its own
        try:
            _build(missing, place)
        finally:
            remove_left_caches_in_background(once_this_process_ended=keep_caches_until_exit)


def _build(tools: Sequence[Tool], place: Path) -> None:
    runs = GoRuns()
    with (
        cleaning_up_when_ended(),
        build_caches(place) as caches,
        Steps(len(tools)) as steps,
        # One each: a download of official binaries, and of modules, has the whole connection.
        ThreadPoolExecutor(1) as official,
        ThreadPoolExecutor(1) as modules,
        ThreadPoolExecutor(LANES) as building,
    ):
        remove_abandoned(tools_directory())
        downloads, turn = OfficialDownloads(caches.work), threading.Lock()

        def build(making: Making) -> Future[Any]:
            return building.submit(making.build, modules.submit(making.go.download_modules), turn)

        def download_or_build(making: Making, files: list[OfficialFile]) -> Future[Any] | None:
            return None if making.download(files, downloads) else build(making)

        try:
            pending: set[Future[Any]] = set()
            for number, tool in enumerate(tools, 1):
                go = GoBuild(tool, caches, runs)
                making = Making(tool=tool, number=number, parent=tools_directory(), go=go, steps=steps)
                files = accepted_files(tool)
                pending.add(official.submit(download_or_build, making, files) if files else build(making))
            while pending:
                done, pending = wait(pending, return_when=FIRST_COMPLETED)
                pending |= {then for future in done if isinstance(then := future.result(), Future)}
        except BaseException:
            runs.stop()
            downloads.stop()
            for executor in (official, modules, building):
                executor.shutdown(wait=False, cancel_futures=True)
            raise
