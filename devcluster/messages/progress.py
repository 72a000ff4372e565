"""Progress for steps that take longer than a person likes to wait in silence."""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

HEARTBEAT_SECONDS = 20.0
TERMINAL_HEARTBEAT_SECONDS = 1.0


def duration(seconds: float) -> str:
    """`7 s`, `3 m 05 s`."""
    whole = round(seconds)
    return f"{whole} s" if whole < 60 else f"{whole // 60} m {whole % 60:02d} s"


@contextmanager
def step(label: str) -> Iterator[None]:
    """Say that `label` began, that it still runs (with the time elapsed), and how long it took.

    On a terminal the line is rewritten every second; elsewhere a line is added every 20 s, so that
    a log shows life without drowning in it. Short steps print a single line.
    """
    terminal = sys.stderr.isatty()
    started = time.monotonic()
    finished = threading.Event()
    said_running = False

    def beat() -> None:
        nonlocal said_running
        while not finished.wait(TERMINAL_HEARTBEAT_SECONDS if terminal else HEARTBEAT_SECONDS):
            said_running = True
            text = f"  {label} … {duration(time.monotonic() - started)}"
            print(f"\r\033[K{text}" if terminal else text, end="" if terminal else "\n", file=sys.stderr, flush=True)

    heart = threading.Thread(target=beat, daemon=True)
    heart.start()
    outcome = "failed after"
    try:
        yield
        outcome = "done in"
    finally:
        finished.set()
        heart.join()
        start_of_line = "\r\033[K" if terminal and said_running else ""
        print(f"{start_of_line}  {label}: {outcome} {duration(time.monotonic() - started)}", file=sys.stderr, flush=True)
