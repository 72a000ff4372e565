"""Running Go, more than once at a time, so that nothing of it outlives the build that started it."""

import os
import shlex
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from devcluster.machine.processes import end_with_parent


class StoppedError(Exception):
    """A run was ended, or not begun, because the build is over."""


class GoRuns:
    """The commands that run now; `stop` ends them with their compilers, and lets none begin."""

    def __init__(self) -> None:
        """Nothing runs yet."""
        self._lock = threading.Lock()
        self._running: set[subprocess.Popen[str]] = set()
        self._stopped = False

    def run(
        self, command: Sequence[str], directory: Path, environment: Mapping[str, str], on_line: Callable[[str], None] = lambda line: None
    ) -> "subprocess.CompletedProcess[str]":
        """Run `command` to its end; `on_line` gets each line of standard error as it comes.

        Only for commands that print little on standard output. Raises StoppedError after `stop`.
        """
        with self._lock:
            if self._stopped:
                raise StoppedError(shlex.join(command))
            go = subprocess.Popen(
                command,
                cwd=directory,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                errors="replace",
                start_new_session=True,
                preexec_fn=end_with_parent,
            )
            self._running.add(go)
        try:
            complained = []
            for line in go.stderr or ():
                complained.append(line)
                on_line(line.rstrip("\n"))
            printed, _ = go.communicate()
        finally:
            self._end(go)
        if self._stopped:
            raise StoppedError(shlex.join(command))
        return subprocess.CompletedProcess(command, go.returncode, printed, "".join(complained))

    def stop(self) -> None:
        """End everything, the compilers too: they would write on into what is being removed."""
        with self._lock:
            self._stopped = True
            for go in self._running:
                _kill(go)

    def _end(self, go: "subprocess.Popen[str]") -> None:
        with self._lock:
            self._running.discard(go)
            if go.poll() is None:
                _kill(go)
        go.wait()


def _kill(go: "subprocess.Popen[str]") -> None:
    with suppress(ProcessLookupError):
        os.killpg(go.pid, signal.SIGKILL)
