"""How much memory the processes of a command take at their peak."""

import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

INTERVAL_SECONDS = 0.1
MEGABYTE = 1_000_000
PROGRAM = "pulumi-language-python-exec"
"""In the command line of a Pulumi program."""


@dataclass
class Peak:
    """Megabytes at the peak."""

    program: float = 0.0
    """Of the Pulumi program alone."""
    altogether: float = 0.0
    """Of all processes of the session at one moment."""


@dataclass
class SessionMemory:
    """Looks at the processes of a session for as long as it is open. They all stay in the session that began with the command."""

    session: int
    peak: Peak = field(default_factory=Peak)

    def __enter__(self) -> Peak:
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()
        return self.peak

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._ended.wait(INTERVAL_SECONDS):
            sizes = list(self._sizes())
            self.peak.altogether = max(self.peak.altogether, sum(now for _, now, _ in sizes))
            self.peak.program = max([self.peak.program, *(most for is_program, _, most in sizes if is_program)])

    def _sizes(self) -> Iterator[tuple[bool, float, float]]:
        """Of each process whether it is the program, and its memory now and at its peak."""
        for pid in processes_of(self.session):
            try:
                told = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("Vm"))
                is_program = PROGRAM in Path(f"/proc/{pid}/cmdline").read_text()
            except (FileNotFoundError, ProcessLookupError):
                continue  # ended meanwhile
            if told:  # one that has ended and is not yet waited for has no memory
                yield is_program, _megabytes(told["VmRSS"]), _megabytes(told["VmHWM"])


def processes_of(session: int) -> Iterator[int]:
    """The processes of a session. Pulumi gives each plugin a process group of its own, but no session."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            if os.getsid(int(stat.parent.name)) == session:
                yield int(stat.parent.name)
        except ProcessLookupError:
            continue  # ended meanwhile


def _megabytes(told: str) -> float:
    return int(told.split()[0]) * 1024 / MEGABYTE
