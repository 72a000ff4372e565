"""Building the tools that the user cache lacks."""

import shutil
import threading
from collections.abc import Collection, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from devcluster.messages.errors import DevclusterError
from devcluster.messages.progress import RunningStep, Steps
from devcluster.toolchain.build_caches import build_caches, cleaning_up_when_ended, remove_left_caches_in_background
from devcluster.toolchain.cache import cache_root, cached_directory, remove_abandoned
from devcluster.toolchain.disk import refuse_a_full_disk
from devcluster.toolchain.go import go_command
from devcluster.toolchain.go_build import GoBuild
from devcluster.toolchain.go_runs import GoRuns
from devcluster.toolchain.tool import Tool, all_tools

LANES = 2
"""How many builds run at a time: one compiles, and one that has compiled everything links, which takes one core only."""


def tools_directory() -> Path:
    """Where the cache keeps one directory for each built tool."""
    return cache_root() / "tools"


def entry(tool: Tool) -> Path:
    """Where `tool` lies in the cache once it is built."""
    return tools_directory() / tool.key


def missing_tools() -> list[Tool]:
    """Tools that the cache does not hold yet."""
    return [tool for tool in all_tools() if not entry(tool).is_dir()]


def build_missing_tools(names: Collection[str] | None = None) -> None:
    """Build what the cache lacks, of `names` or of everything; the build's own caches are removed afterwards, in the background.

    Raises DevclusterError with the compiler's last lines and the command that tries again.
    """
    known = {tool.name for tool in all_tools()}
    if unknown := sorted(set(names or ()) - known):
        raise DevclusterError(f"there is no tool {', '.join(unknown)}, so nothing was built. There are: {', '.join(sorted(known))}")
    missing = [tool for tool in missing_tools() if not names or tool.name in names]
    if missing:
        refuse_a_full_disk(missing)
        go_command()  # it may have to be installed, with a step of its own
        try:
            _build(missing)
        finally:
            remove_left_caches_in_background()


def _build(tools: Sequence[Tool]) -> None:
    runs = GoRuns()
    with cleaning_up_when_ended(), build_caches() as caches, Steps(len(tools)) as steps:
        remove_abandoned(tools_directory())
        with ThreadPoolExecutor(1) as downloading, ThreadPoolExecutor(LANES) as building:
            try:
                turn = threading.Lock()
                builds = []
                for tool in tools:
                    go = GoBuild(tool, caches, runs)
                    downloaded = downloading.submit(go.download_modules)
                    builds.append(building.submit(_ToolBuild(tool=tool, go=go, downloaded=downloaded, turn=turn, steps=steps).run))
                for build in as_completed(builds):
                    build.result()
            except BaseException:
                runs.stop()
                building.shutdown(wait=False, cancel_futures=True)
                downloading.shutdown(wait=False, cancel_futures=True)
                raise


@dataclass(frozen=True, kw_only=True, eq=False)
class _ToolBuild:
    """The build of one tool, which waits for its turn to compile and gives it on when nothing but linking is left."""

    tool: Tool
    go: GoBuild
    downloaded: Future[None]
    turn: threading.Lock
    steps: Steps

    def run(self) -> None:
        turn = _Turn(self.turn)
        try:
            with self.steps.step(f"{_verb(self.tool)} {', '.join(self.tool.programs) or self.tool.name}") as step:
                cached_directory(tools_directory(), self.tool.key, partial(self._fill, step, turn))
        finally:
            turn.end()

    def _fill(self, step: RunningStep, turn: "_Turn", directory: Path) -> None:
        step.detail = "downloading its modules"
        self.downloaded.result()
        step.detail = ""
        (directory / "bin").mkdir()
        if self.tool.programs:
            self.go.build_programs(directory / "bin", partial(self._show, step, turn, set()))
        for copy in self.tool.copies:
            module = self.go.module_directory(copy.module, self.tool.directory.parent / copy.tool)
            _copy(module / copy.source, directory / copy.target)

    def _show(self, step: RunningStep, turn: "_Turn", compiled: set[str], package: str) -> None:
        compiled.add(package)
        linking = compiled >= set(self.tool.programs.values())
        step.detail = f"linking after {len(compiled)} packages" if linking else f"{len(compiled)} packages"
        if linking:
            turn.end()


class _Turn:
    """The right to compile: taken at once, given back once."""

    def __init__(self, lock: threading.Lock) -> None:
        lock.acquire()
        self._lock: threading.Lock | None = lock

    def end(self) -> None:
        if self._lock:
            self._lock.release()
            self._lock = None


def _verb(tool: Tool) -> str:
    return "building" if tool.programs else "fetching"


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, copy_function=shutil.copyfile)
    else:
        shutil.copyfile(source, target)
        if target.parent.name == "bin":
            target.chmod(0o755)
