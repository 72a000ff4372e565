"""Looking at many things at once, none of them for longer than a person waits."""

import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextvars import copy_context
from typing import TextIO, TypeVar

from flux.visible_text import visible
from gitops.terminal import clear_line, print_lines, rewrite_line

QUIET_SECONDS = 2.0
"""Progress is silent for so long."""


class Slow:
    """Stands for what did not answer in time."""


SLOW = Slow()
FoundT = TypeVar("FoundT")


def at_once(looks: Mapping[str, Callable[[], FoundT]], seconds: float, progress: TextIO | None = None) -> dict[str, FoundT | Slow]:
    """Call all of them; name → what it returned, or SLOW. What one raises is raised here.

    The threads are daemons: one that hangs in the network does not keep the program from ending. What secret one of them reads, the
    run knows.
    """
    found: dict[str, FoundT] = {}
    faults: dict[str, BaseException] = {}

    def look(name: str, call: Callable[[], FoundT]) -> None:
        try:
            found[name] = call()
        except BaseException as error:  # raised again in the caller's thread
            faults[name] = error

    threads = {name: threading.Thread(target=copy_context().run, args=(look, name, call), daemon=True) for name, call in looks.items()}
    for thread in threads.values():
        thread.start()
    _wait(threads, seconds, progress or sys.stderr)
    for fault in faults.values():
        raise fault
    return {name: found.get(name, SLOW) for name in looks}


def _wait(threads: Mapping[str, threading.Thread], seconds: float, progress: TextIO) -> None:
    started = time.monotonic()
    terminal = progress.isatty()
    said = 0.0
    while (elapsed := time.monotonic() - started) < seconds:
        running = [name for name, thread in threads.items() if thread.is_alive()]
        if not running:
            break
        if elapsed >= QUIET_SECONDS and (not said or (terminal and elapsed - said >= 1)):
            said = elapsed
            text = f"  {elapsed:.0f} s: looking at {', '.join(running)}"
            (rewrite_line if terminal else print_lines)(visible(text), progress)
        threads[running[0]].join(min(0.05, seconds - elapsed))
    if said and terminal:
        clear_line(progress)
