"""How many processes a test of the fast tier may start. They are counted, not timed: a busy machine counts the same.

What a test starts is most of what makes it long: git takes as long as five calls of the program in this process, a Python that imports
some of it as long as a hundred.
"""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePath
from typing import Any
from unittest.mock import patch

MOST = 25
A_PYTHON = 20
"""How many others a Python counts as."""


class Started:
    """What was started since it was made."""

    def __init__(self) -> None:
        self.count = 0

    def note(self, arguments: Any) -> None:
        """Count one process with these arguments of `Popen`."""
        program = arguments if isinstance(arguments, str | bytes | PurePath) else next(iter(arguments), "")
        name = PurePath(program.decode(errors="replace") if isinstance(program, bytes) else program).name
        self.count += A_PYTHON if name.startswith("python") else 1


@contextmanager
def counted() -> Iterator[Started]:
    """Count what is started within."""
    started, start = Started(), subprocess.Popen.__init__

    def noting(self: "subprocess.Popen[Any]", args: Any, *rest: Any, **options: Any) -> None:
        started.note(args)
        start(self, args, *rest, **options)

    with patch.object(subprocess.Popen, "__init__", noting):
        yield started


def check(started: Started) -> None:
    """Refuse more than `MOST`. Raises AssertionError."""
    if started.count > MOST:
        raise AssertionError(
            f"starts as many as {started.count} processes (a Python counts as {A_PYTHON}); the fast tier allows {MOST}. Call it in this "
            "process, make its set-up once for several tests, or mark it `thorough` (CONTRIBUTING.md)."
        )
