"""A command with every process that it starts, so that all of them can be ended in one moment.

Pulumi gives each of its plugins and language hosts a process group of its own: a signal for the group of the command reaches none of them,
and they would go on to write into the cluster. The session is the one thing that all of them share.
"""

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from tests.e2e.running_stack import CLONE

GONE = "ZX"
"""States of a process that ended and that nobody has asked for yet."""


def started(command: Sequence[str], environment: Mapping[str, str]) -> "subprocess.Popen[bytes]":
    """Start it in a session of its own, silent, in the clone."""
    return subprocess.Popen(
        command,
        cwd=CLONE,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def killed(leader: "subprocess.Popen[bytes]") -> int:
    """SIGKILL for every process of the session, until there is none; how many there were."""
    ended: set[int] = set()
    while running := processes_of(leader.pid):
        for pid in running:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        ended.update(running)
        time.sleep(0.01)
    return len(ended)


def processes_of(session: int) -> list[int]:
    """The processes of a session that run."""
    found = []
    for file in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it ended meanwhile
            state, _parent, _group, of = file.read_text().rpartition(")")[2].split()[:4]
            if int(of) == session and state not in GONE:
                found.append(int(file.parent.name))
    return found
