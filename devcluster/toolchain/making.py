"""Making one tool: of official binaries where the checksums are known and the files can be had, else by a build."""

import shutil
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from devcluster.messages.progress import RunningStep, Steps
from devcluster.toolchain.cache import cached_directory
from devcluster.toolchain.go_build import GoBuild
from devcluster.toolchain.official import OfficialFile
from devcluster.toolchain.official_download import DownloadError, OfficialDownloads
from devcluster.toolchain.tool import Tool

OFFICIAL_MARK = "official"
"""A file of this name in a tool's directory has the URLs of the official binaries that it was made of."""


@dataclass(kw_only=True, eq=False)
class Making:
    """One of the tools that a build makes, the `number`th."""

    tool: Tool
    number: int
    parent: Path
    """The directory that gets one of the tool's own."""
    go: GoBuild
    steps: Steps

    def download(self, files: list[OfficialFile], downloads: OfficialDownloads) -> bool:
        """Whether the tool is there now, made of the official `files`; when not, that is reported."""

        def fill(directory: Path) -> None:
            (directory / "bin").mkdir()
            downloads.programs(files, directory / "bin", lambda text: setattr(step, "detail", text))
            self._copy(directory)
            (directory / OFFICIAL_MARK).write_text("".join(f"{file.url}\n" for file in files))

        with self._step("downloading the official") as step:
            try:
                cached_directory(self.parent, self.tool.key, fill)
            except DownloadError as error:
                step.outcome = f"{error}; it is built instead"
                return False
        return True

    def build(self, downloaded: Future[None], turn: threading.Lock) -> None:
        """Build the tool once its modules are `downloaded`, and hold `turn` while packages are compiled, but not while programs are linked.

        Two tools that compile at a time would both compile what both need.
        """
        with _Held(turn) as held, self._step("building" if self.tool.programs else "fetching") as step:
            cached_directory(self.parent, self.tool.key, lambda directory: self._fill(directory, step, downloaded, held.release))

    def _fill(self, directory: Path, step: RunningStep, downloaded: Future[None], compiled_all: Callable[[], None]) -> None:
        step.detail = "downloading modules"
        downloaded.result()
        step.detail = ""
        (directory / "bin").mkdir()
        compiled: set[str] = set()

        def on_package(package: str) -> None:
            compiled.add(package)
            linking = compiled >= set(self.tool.programs.values())
            step.detail = f"{len(compiled)} packages compiled{', linking' if linking else ''}"
            if linking:
                compiled_all()

        if self.tool.programs:
            self.go.build_programs(directory / "bin", on_package)
        self._copy(directory)

    def _step(self, verb: str) -> AbstractContextManager[RunningStep]:
        return self.steps.step(f"{verb} {', '.join(self.tool.programs) or self.tool.name}", self.number)

    def _copy(self, directory: Path) -> None:
        for copy in self.tool.copies:
            module = self.go.module_directory(copy.module, self.tool.directory.parent / copy.tool)
            _copy(module / copy.source, directory / copy.target)


class _Held:
    """A lock that is taken at once, and given back early or at the end."""

    def __init__(self, lock: threading.Lock) -> None:
        self._lock, self._held = lock, False

    def __enter__(self) -> "_Held":
        self._held = self._lock.acquire()
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def release(self) -> None:
        if self._held:
            self._held = False
            self._lock.release()


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, copy_function=shutil.copyfile)
    else:
        shutil.copyfile(source, target)
        if target.parent.name == "bin":
            target.chmod(0o755)
