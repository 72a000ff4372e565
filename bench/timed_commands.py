"""Running a command against the clock."""

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.errors import BenchError
from devcluster.messages.errors import last_lines

LINES_SHOWN = 15
COMMAND_SECONDS = 900.0
TRY_AGAIN = "See that `make demo` works, then try again: make bench"


def run(command: Sequence[str], *, directory: Path, environment: Mapping[str, str]) -> str:
    """What `command` prints on stdout. Raises BenchError with its last lines when it fails or does not end.

    When we are interrupted it is killed, with every process it started: the cluster they work on goes, too.
    """
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
        printed, complained = process.communicate(timeout=COMMAND_SECONDS)
    except BaseException as interruption:
        _kill_session(process.pid)
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
    return printed


def seconds(command: Sequence[str], *, directory: Path, environment: Mapping[str, str]) -> float:
    """How long `command` takes, from its start to its end."""
    started = time.perf_counter()
    run(command, directory=directory, environment=environment)
    return time.perf_counter() - started


def _kill_session(session: int) -> None:
    # Not the process group: Pulumi gives each plugin one of its own. They all stay in the session that began with the command.
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            its_session = int(stat.read_text().rpartition(")")[2].split()[3])
            if its_session == session:
                os.kill(int(stat.parent.name), signal.SIGKILL)
        except (FileNotFoundError, ProcessLookupError):
            continue  # ended meanwhile


def _shown(command: Sequence[str]) -> str:
    return " ".join([Path(command[0]).name, *command[1:3]])
