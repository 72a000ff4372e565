"""Running a command against the clock."""

import os
import resource
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bench.errors import BenchError
from bench.measures import Took
from bench.session_memory import Peak, SessionMemory, processes_of
from devcluster.messages.errors import last_lines

LINES_SHOWN = 15
COMMAND_SECONDS = 900.0
TRY_AGAIN = "See that `make demo` works, then try again: make bench"


@dataclass(frozen=True, kw_only=True)
class Ran:
    """A command that succeeded."""

    printed: str
    """On stdout."""
    took: Took
    memory: Peak


def measured(command: Sequence[str], *, directory: Path, environment: Mapping[str, str]) -> Ran:
    """Run `command` against the clock. Raises BenchError with its last lines when it fails or does not end.

    When we are interrupted it is killed, with every process it started: the cluster they work on goes, too.
    """
    started, used_before = time.perf_counter(), _processor_seconds()
    process = subprocess.Popen(
        command,
        cwd=directory,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        with SessionMemory(process.pid) as memory:
            printed, complained = process.communicate(timeout=COMMAND_SECONDS)
            seconds = time.perf_counter() - started
    except BaseException as interruption:
        for pid in processes_of(process.pid):
            with suppress(ProcessLookupError):  # ended meanwhile
                os.kill(pid, signal.SIGKILL)
        process.communicate()
        if isinstance(interruption, subprocess.TimeoutExpired):
            raise BenchError(
                f"`{_shown(command)}` did not end within {COMMAND_SECONDS:.0f} s", "There is nothing to compare.", TRY_AGAIN
            ) from None
        raise
    if process.returncode != 0:
        raise BenchError(
            f"`{_shown(command)}` exited with {process.returncode}",
            "There is nothing to compare.",
            TRY_AGAIN,
            said=last_lines(printed + complained, LINES_SHOWN),
        )
    took = Took(seconds=seconds, processor=_processor_seconds() - used_before)
    return Ran(printed=printed, took=took, memory=memory)


def _processor_seconds() -> float:
    """Of all processes that have ended and that somebody waited for: Pulumi waits for its program and plugins."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _shown(command: Sequence[str]) -> str:
    return " ".join([Path(command[0]).name, *command[1:3]])
