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


def killed_up(stack: RunningStack, objects: int, seconds: float) -> int:
    """Start `up` in a process group of its own, and end all of it with SIGKILL `seconds` after so many objects are there."""
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
    while running.poll() is None and len(objects_of(stack.cluster)) < objects:
        time.sleep(0.05)
    with contextlib.suppress(subprocess.TimeoutExpired):
        running.wait(seconds)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(running.pid, signal.SIGKILL)
    return running.wait()


def without_empty_attributes(stack: RunningStack) -> int:
    """What the runbook says of `failed to load checkpoint: EOF`: the file backend writes the attributes of a state in two steps."""
    broken = [file for file in (stack.cluster.home.directory / "state").rglob("*.attrs") if file.stat().st_size == 0]
    for file in broken:
        file.unlink()
    return len(broken)


@pytest.mark.parametrize("number", range(KILLS))
def test_the_next_up_converges(living: RunningStack, number: int) -> None:
    if number == 0:
        living.up()
    complete = set(objects_of(living.cluster))
    living.pulumi("destroy", "--stack", living.name, "--yes", "--skip-preview")
    objects, moment = random.randint(0, len(complete) - 1), random.uniform(0.0, 0.5)  # noqa: S311 (moments, no secrets)

    code = killed_up(living, objects, moment)
    there = len(objects_of(living.cluster))
    mended = without_empty_attributes(living)
    living.pulumi("cancel", "--stack", living.name, "--yes", expect=None)
    started = time.monotonic()
    done = living.up(expect=None)
    seconds = time.monotonic() - started

    assert done.code == 0, done.printed
    lost = complete - set(objects_of(living.cluster))
    state = "with a broken state" if mended else "with a whole state"
    killed = f"{moment:.1f} s after {objects} of {len(complete)} objects ({there} there, exit {code}, {state})"
    figure(f"kill {number + 1}: {killed}: {len(lost)} objects lost, {seconds:.1f} s to converged")
    assert lost == set()
    living.preview("--expect-no-changes")
