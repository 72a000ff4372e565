"""Progress for steps that take longer than a person likes to wait in silence."""

import shutil
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import TracebackType

HEARTBEAT_SECONDS = 20.0
TERMINAL_HEARTBEAT_SECONDS = 1.0
CLEAR_LINE = "\r\033[K"


def duration(seconds: float) -> str:
    """`7 s`, `3 m 05 s`."""
    whole = round(seconds)
    return f"{whole} s" if whole < 60 else f"{whole // 60} m {whole % 60:02d} s"


@dataclass(kw_only=True, eq=False)
class RunningStep:
    """A step that has begun."""

    label: str
    detail: str = ""
    """What is shown while the step runs; may be set at any time."""
    outcome: str = ""
    """What is shown at its end instead of how long it took."""
    started: float = field(default_factory=time.monotonic)

    @property
    def elapsed(self) -> str:
        """How long it has run."""
        return duration(time.monotonic() - self.started)

    @property
    def line(self) -> str:
        """What is said of it while it runs."""
        return f"{self.label} … {self.detail}{', ' if self.detail else ''}{self.elapsed}"


class Steps:
    """Steps of which more than one may run at a time; with a `total` each says which one it is, `[3/8] …`.

    On a terminal one line with what runs is rewritten every second; elsewhere a line is added every 20 s, so that
    a log shows life without drowning in it. A finished step leaves one line, and a short one prints nothing else.
    """

    def __init__(self, total: int = 0) -> None:
        """Begin nothing yet."""
        self._total, self._begun = total, 0
        self._running: list[RunningStep] = []
        self._terminal = sys.stderr.isatty()
        self._lock = threading.Lock()
        self._finished = threading.Event()
        self._heart = threading.Thread(target=self._beat, daemon=True)
        self._open_line = False

    def __enter__(self) -> "Steps":
        """Begin to show what runs."""
        self._heart.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Show nothing more."""
        self._finished.set()
        self._heart.join()

    @contextmanager
    def step(self, label: str, number: int = 0) -> Iterator[RunningStep]:
        """Show `label` while the body runs, and how long it took. It is the `number`th step, or the next."""
        with self._lock:
            self._begun += 1
            running = RunningStep(label=f"[{number or self._begun}/{self._total}] {label}" if self._total else label)
            self._running.append(running)
        ended = "failed after"
        try:
            yield running
            ended = "done in"
        finally:
            with self._lock:
                self._running.remove(running)
                self._print(f"{running.label}: {running.outcome or f'{ended} {running.elapsed}'}")

    def say(self, text: str) -> None:
        """A line of its own, between those of the steps."""
        with self._lock:
            self._print(text)

    def _beat(self) -> None:
        while not self._finished.wait(TERMINAL_HEARTBEAT_SECONDS if self._terminal else HEARTBEAT_SECONDS):
            with self._lock:
                if self._running:
                    self._print("; ".join(running.line for running in self._running), stays=not self._terminal)

    def _print(self, text: str, *, stays: bool = True) -> None:
        if not stays:
            text = text[: shutil.get_terminal_size().columns - 3]  # a line that wraps could not be rewritten
        before = CLEAR_LINE if self._terminal and (self._open_line or not stays) else ""
        print(f"{before}  {text}", end="\n" if stays else "", file=sys.stderr, flush=True)
        self._open_line = not stays


@contextmanager
def step(label: str) -> Iterator[RunningStep]:
    """Say that `label` runs (with the time elapsed), and how long it took."""
    with Steps() as steps, steps.step(label) as running:
        yield running
