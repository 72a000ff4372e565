"""Running git so that it ends: in time, when another part gives up, and with everything that it started."""

import os
import selectors
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from gitops.limited_command import limited_command

LARGEST_OUTPUT = 256 * 1024**2
"""Of a list of files."""
LARGEST_SAID = 64 * 1024
LARGEST_FILE_GIB = 4
"""That git may write: a pack is one file."""
_MEMORY_KIB = 8 * 1024**2
_LOOK_SECONDS = 0.1
_PIECE = 64 * 1024


class NotEndedError(Exception):
    """Git was ended before it was done; the text says why."""


class NotStartedError(Exception):
    """No program can be given these arguments."""


class Deadline:
    """When git must have ended; `end` ends all that runs at once, from whatever thread."""

    def __init__(self, seconds: float, outer: "Deadline | None" = None) -> None:
        """`seconds` from now, and no later than `outer`."""
        self._seconds, self._at, self._outer = seconds, time.monotonic() + seconds, outer
        self._ended = threading.Event()

    def end(self) -> None:
        """Nothing may run from now on."""
        self._ended.set()

    def why_over(self, who: str = "git") -> str | None:
        """Why nothing may run from now on; None while it may. `who`: what should have ended."""
        if self._outer and (why := self._outer.why_over(who)):
            return why
        if self._ended.is_set():
            return "was interrupted"
        return f"{who} did not finish within {self._seconds:g} s" if time.monotonic() > self._at else None


def run_git(
    arguments: Sequence[str], folder: Path, environment: Mapping[str, str], deadline: Deadline, *, largest: int = LARGEST_OUTPUT
) -> "subprocess.CompletedProcess[bytes]":
    """Run git in `folder`. It has a session of its own, so that ssh, helpers and transports can be ended with it.

    `largest`: bytes that it may print.

    Raises:
        FileNotFoundError: there is no git on PATH.
        NotStartedError: an argument is too long, or has what no argument has, such as a NUL.
        NotEndedError: the deadline was over, or it printed too much; all that it had started is ended.
    """
    _refuse_late(deadline)
    if (git := shutil.which("git", path=environment.get("PATH"))) is None:
        raise FileNotFoundError("git")
    try:
        process = subprocess.Popen(
            limited_command([git, *arguments], memory_kib=_MEMORY_KIB, largest_file=LARGEST_FILE_GIB * 1024**3),
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:  # a NUL, half of a surrogate pair, more than the kernel takes
        raise NotStartedError from error
    try:
        output, said = _read(process, deadline, largest)
        while True:
            try:
                return subprocess.CompletedProcess(process.args, process.wait(_LOOK_SECONDS), output, said)
            except subprocess.TimeoutExpired:
                _refuse_late(deadline)
    finally:
        _end(process)


def _read(process: "subprocess.Popen[bytes]", deadline: Deadline, largest: int) -> tuple[bytes, bytes]:
    """What it prints, and the end of what it says: a server may say something without end, which git passes on."""
    read = {process.stdout: bytearray(), process.stderr: bytearray()}
    with selectors.DefaultSelector() as selector:
        for pipe in read:
            if pipe is not None:
                selector.register(pipe, selectors.EVENT_READ)
        while selector.get_map():
            for key, _ in selector.select(_LOOK_SECONDS):
                if not (piece := os.read(key.fd, _PIECE)):
                    selector.unregister(key.fileobj)
                read[key.fileobj] += piece  # type: ignore[index]
            del read[process.stderr][:-LARGEST_SAID]
            if len(read[process.stdout]) > largest:
                raise NotEndedError(f"has too many files: their names are more than {largest // 1024**2} MiB")
            _refuse_late(deadline)
    return bytes(read[process.stdout]), bytes(read[process.stderr])


def _refuse_late(deadline: Deadline) -> None:
    if why := deadline.why_over():
        raise NotEndedError(why)


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Whatever is left of its group; git itself may have ended before what it started."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for pipe in (process.stdout, process.stderr):
        if pipe:
            pipe.close()
