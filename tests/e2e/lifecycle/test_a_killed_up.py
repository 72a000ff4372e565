"""`up` killed at a random moment is mended by `up`: three kills, each of another beginning."""

import contextlib
import os
import random
import signal
import subprocess
import time

import pytest

from tests.e2e.lifecycle.objects import figure, objects_of
from tests.e2e.running_stack import CLONE, RunningStack

KILLS = int(os.environ.get("GITOPS_TEST_KILLS", "3"))


def killed_up(stack: RunningStack, seconds: float) -> int:
    """Start `up` in a process group of its own, and end all of it with SIGKILL; the number of processes of the engine is its own."""
    command = ["pulumi", "up", "--stack", stack.name, "--yes", "--skip-preview", "--non-interactive", "--color", "never"]
    running = subprocess.Popen(
        command,
        cwd=CLONE,
        env={**os.environ, **stack.environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    with contextlib.suppress(subprocess.TimeoutExpired):
        running.wait(seconds)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(running.pid, signal.SIGKILL)
    return running.wait()


@pytest.mark.parametrize("number", range(KILLS))
def test_the_next_up_converges(living: RunningStack, number: int) -> None:
    if number == 0:
        living.up()
    complete = set(objects_of(living.cluster))
    living.pulumi("destroy", "--stack", living.name, "--yes", "--skip-preview")
    moment = random.uniform(4.0, 12.0)  # noqa: S311 (a moment, not a secret)

    code = killed_up(living, moment)
    there = len(objects_of(living.cluster))
    living.pulumi("cancel", "--stack", living.name, "--yes", expect=None)
    started = time.monotonic()
    done = living.up(expect=None)
    seconds = time.monotonic() - started

    assert done.code == 0, done.printed
    lost = complete - set(objects_of(living.cluster))
    figure(
        f"kill {number + 1}: after {moment:.1f} s (exit {code}, {there} objects), {len(lost)} objects lost, {seconds:.1f} s to converged"
    )
    assert lost == set()
    living.preview("--expect-no-changes")
