"""Starting, recording and ending processes: only ever those that were started here, known by pid and start time."""

import ctypes
import json
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from flux.atomic_write import write_atomically

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True, kw_only=True)
class StartedProcess:
    """A process, distinguished from a later one with the same pid by the moment it started."""

    pid: int
    started: int
    """Clock ticks since boot, as in field 22 of /proc/<pid>/stat."""
    boot: str
    """Which boot the ticks count from: after a reboot nothing recorded is alive."""

    @classmethod
    def of(cls, pid: int) -> "StartedProcess | None":
        """The process `pid` now; None when it does not exist or is a zombie."""
        try:
            stat = Path(f"/proc/{pid}/stat").read_text()
        except (FileNotFoundError, ProcessLookupError):
            return None
        # The second field is the program's name in parentheses and may hold anything.
        fields = stat.rpartition(")")[2].split()
        if fields[0] in "ZX":
            return None
        return cls(pid=pid, started=int(fields[19]), boot=Path("/proc/sys/kernel/random/boot_id").read_text().strip())

    @property
    def alive(self) -> bool:
        """Whether this very process still runs."""
        return StartedProcess.of(self.pid) == self

    def write(self, record: Path) -> None:
        """Keep it in `record`."""
        write_atomically(record, json.dumps({"pid": self.pid, "started": self.started, "boot": self.boot}) + "\n")

    @classmethod
    def read(cls, record: Path) -> "StartedProcess | None":
        """What `record` holds; None when it is missing or unreadable."""
        try:
            found = json.loads(record.read_text())
            return cls(pid=int(found["pid"]), started=int(found["started"]), boot=str(found["boot"]))
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return None


def spawn(command: Sequence[str], *, environment: Mapping[str, str], log: Path, directory: Path) -> "subprocess.Popen[bytes]":
    """Start `command` as a child that gets SIGTERM when the thread that called this ends, however it ends.

    Its output is appended to `log`. It has a process group of its own, so a Ctrl-C at the terminal does not reach it.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        return subprocess.Popen(
            command,
            env=dict(environment),
            cwd=directory,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=end_with_parent,
        )


def end_with_parent() -> None:
    """For `preexec_fn`: SIGTERM to the new process when the thread that starts it ends, however it ends."""
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def end(processes: Sequence[StartedProcess], patience: float = 10.0) -> None:
    """Ask the processes to end, all at once; kill those that have not after `patience` seconds. Returns when all are gone."""
    _signal(processes, signal.SIGTERM)
    if not _gone(processes, patience):
        _signal(processes, signal.SIGKILL)
        _gone(processes, 5.0)


def _signal(processes: Sequence[StartedProcess], number: signal.Signals) -> None:
    for process in processes:
        if process.alive:
            try:
                os.kill(process.pid, number)
            except ProcessLookupError:
                continue


def _gone(processes: Sequence[StartedProcess], seconds: float) -> bool:
    until = time.monotonic() + seconds
    while any(process.alive for process in processes):
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True
