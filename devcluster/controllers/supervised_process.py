"""One process that the supervisor keeps: started, restarted on change or death, ended when it is no longer wanted."""

import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from devcluster.machine.processes import StartedProcess, spawn

STEADY_SECONDS = 30.0
SETTLED_SECONDS = 3.0
"""How long one that died has to run before it counts as ready, as a probe would find out."""
TROUBLE_SECONDS = 5.0
"""How long one cannot be started before that is reported: what it needs may be made in a moment."""
LONGEST_PAUSE = 15.0


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What should run. Another one means a restart."""

    command: tuple[str, ...]
    environment: Mapping[str, str] = field(repr=False)
    grace: float
    prepare: Callable[[], None]
    """Called before each start; what it raises postpones the start."""
    template: str = ""
    """A digest of the pod template whose pod this is; empty for what is no pod's."""

    def same_as(self, other: "Wanted | None") -> bool:
        """Whether a process of `other` may go on as this one."""
        return other is not None and self._what_it_runs == other._what_it_runs

    @property
    def _what_it_runs(self) -> tuple[tuple[str, ...], dict[str, str], str]:
        return self.command, dict(self.environment), self.template


@dataclass(frozen=True, kw_only=True)
class Health:
    """How a process is doing, in the words of a pod's status."""

    ready: bool
    restarts: int = 0
    """How often it ended by itself since it is wanted as it is."""
    exit_code: int | None = None
    """With which it ended the last time."""
    trouble: str = ""
    """Why it cannot be started."""


class SupervisedProcess:
    """A process by name. `step` never waits: it is called again and again."""

    def __init__(self, name: str, *, directory: Path, log: Path, record: Path, say: Callable[[str], None]) -> None:
        """Nothing runs yet."""
        self.name = name
        self._directory, self._log, self._record, self._say = directory, log, record, say
        self._process: subprocess.Popen[bytes] | None = None
        self._running: Wanted | None = None
        self._started = 0.0
        self._kill_at: float | None = None
        self._start_at = 0.0
        self._pause = 0.25
        self._last_trouble = ""
        self._troubled_since = 0.0
        self._restarts = 0
        self._exit_code: int | None = None

    @property
    def runs(self) -> bool:
        """Whether there is a process, even one that is asked to end."""
        return self._process is not None

    @property
    def health(self) -> Health | None:
        """How it is doing; None while nothing can be said: it was not started yet, or is asked to end."""
        now = time.monotonic()
        if self._last_trouble and now - self._troubled_since >= TROUBLE_SECONDS:
            return Health(ready=False, restarts=self._restarts, exit_code=self._exit_code, trouble=self._last_trouble)
        if self._kill_at is not None or (self._process is None and not self._restarts):
            return None
        settled = self._process is not None and (not self._restarts or now - self._started >= SETTLED_SECONDS)
        return Health(ready=settled, restarts=self._restarts, exit_code=self._exit_code)

    def step(self, wanted: Wanted | None) -> None:
        """Bring the process one step nearer to `wanted`."""
        now = time.monotonic()
        self._notice_death(now)
        if self._process is None:
            if wanted is not None and now >= self._start_at:
                self._start(wanted, now)
        elif self._kill_at is not None:
            if now > self._kill_at:
                self._say(f"{self.name}: did not end in time, killed")
                self._process.kill()
                self._kill_at = now + 5.0
        elif wanted is None or not wanted.same_as(self._running):
            self._say(f"{self.name}: {'no longer wanted' if wanted is None else 'changed'}, ending pid {self._process.pid}")
            self.ask_to_end((wanted or self._running or Wanted(command=(), environment={}, grace=5.0, prepare=lambda: None)).grace)

    def ask_to_end(self, grace: float) -> None:
        """Ask the process to end; `step` kills it when it has not after `grace` seconds."""
        if self._process is not None and self._kill_at is None:
            self._process.terminate()
            self._kill_at = time.monotonic() + grace

    def _start(self, wanted: Wanted, now: float) -> None:
        try:
            wanted.prepare()
            self._process = spawn(wanted.command, environment=wanted.environment, log=self._log, directory=self._directory)
        except Exception as trouble:  # whatever it is, the others must go on, and this one is tried again
            self._wait_before_next_start(now)
            text = f"{type(trouble).__name__}: {trouble}".strip()
            if text != self._last_trouble:
                self._say(f"{self.name}: cannot start yet ({text})")
            if not self._last_trouble:
                self._troubled_since = now
            self._last_trouble = text
            return
        started = StartedProcess.of(self._process.pid)
        if started:
            started.write(self._record)
        if not wanted.same_as(self._running):
            self._restarts, self._exit_code = 0, None
        self._running, self._started, self._kill_at, self._last_trouble = wanted, now, None, ""
        self._say(f"{self.name}: started as pid {self._process.pid}")

    def _notice_death(self, now: float) -> None:
        if self._process is None or self._process.poll() is None:
            return
        asked = self._kill_at is not None
        self._say(f"{self.name}: pid {self._process.pid} ended with {self._process.returncode}{'' if asked else ' unasked'}")
        self._record.unlink(missing_ok=True)
        if asked:
            self._running, self._restarts = None, 0
        else:
            self._restarts, self._exit_code = self._restarts + 1, self._process.returncode
        self._process, self._kill_at = None, None
        if asked or now - self._started > STEADY_SECONDS:
            self._pause, self._start_at = 0.25, 0.0
        if not asked:
            self._wait_before_next_start(now)

    def _wait_before_next_start(self, now: float) -> None:
        self._start_at = now + self._pause
        self._pause = min(self._pause * 2, LONGEST_PAUSE)
