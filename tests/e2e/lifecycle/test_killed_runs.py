"""`pulumi up`, `gitops up --fast` and `pulumi destroy`, killed at a random moment, are mended by one `gitops up`, and by nothing else.

GITOPS_TEST_KILLS says how many kills there are: five in `make test`, fifty in `make soak`.
"""

import json
import os
import random
import subprocess
import sys
import time

import pytest

from tests.e2e.lifecycle import sessions
from tests.e2e.lifecycle.figures import ANY_UID, Meantime
from tests.e2e.lifecycle.objects import Body, objects_of, uids
from tests.e2e.lifecycle.workloads import Kept, everything, stays, wait_until_applied
from tests.e2e.running_stack import RunningStack

KILLS = int(os.environ.get("GITOPS_TEST_KILLS", "5"))
KINDS = ("pulumi up", "gitops up --fast", "pulumi destroy")
QUIET = ("--yes", "--skip-preview", "--non-interactive", "--color", "never")
GITOPS = (sys.executable, "-m", "gitops")


@pytest.mark.parametrize("number", range(KILLS))
def test_one_gitops_up_mends_a_killed_run(keeping: Kept, number: int) -> None:
    stack, kind = keeping.stack, KINDS[number % len(KINDS)]
    falling = kind == "pulumi destroy"
    staying = len([path for path in keeping.own if stays(path)])
    code = 0
    while code >= 0:  # one that ended before its moment was not killed
        prepare(keeping, falling=falling)
        enough, moment = random.randint(staying + 1, len(keeping.own) - 1), random.uniform(0.0, 0.5)  # noqa: S311 (moments, no secrets)
        running = start(keeping, kind)
        wait_for(running, stack, enough, falling=falling)
        time.sleep(moment)
        ended = sessions.killed(running)
        code = running.wait()
    there = objects_of(stack.cluster)
    meantime = Meantime(stack.cluster, what_has_to_be_there(keeping, there))
    done = stack.gitops("up", "--stack", stack.name, "--", "--yes", "--non-interactive", "--color", "never", "--config-file", keeping.file)
    seconds = time.monotonic() - meantime.started

    assert done.code == 0, done.printed
    wait_until_applied(stack)
    killed = f"kill {number + 1} of {kind}, {moment:.1f} s after {enough} of {len(keeping.own)} objects"
    ends = f"{len(there)} there, {ended} processes, exit {code}; gitops up: {what_was_mended(done.printed)}, {seconds:.1f} s"
    found = meantime.figures(everything(stack)).show(f"{killed} ({ends})")
    assert found.lost == []
    assert found.changed == []
    assert not json.loads(stack.pulumi("stack", "export", "--stack", stack.name).printed)["deployment"].get("pending_operations")
    stack.preview("--expect-no-changes", "--config-file", keeping.file)


def test_plain_pulumi_up_needs_pulumi_cancel_before_it(keeping: Kept) -> None:
    """The lock of a file backend is Pulumi's. A run without checkpoints is never killed while it writes one, so nothing else is left."""
    stack = keeping.stack
    prepare(keeping, falling=False)
    running = start(keeping, "gitops up --fast")
    wait_for(running, stack, len([path for path in keeping.own if stays(path)]) + 3, falling=False)
    sessions.killed(running)
    assert running.wait() < 0, "it ended before it was killed"

    refused = stack.up("--config-file", keeping.file, expect=None)
    assert refused.code != 0
    assert "the stack is currently locked by 1 lock(s)" in refused.printed
    meantime = Meantime(stack.cluster, what_has_to_be_there(keeping, objects_of(stack.cluster)))
    stack.pulumi("cancel", "--stack", stack.name, "--yes")
    stack.up("--config-file", keeping.file)
    wait_until_applied(stack)

    found = meantime.figures(everything(stack)).show("kill of gitops up --fast, mended by pulumi cancel and pulumi up")
    assert (found.lost, found.changed) == ([], [])
    stack.preview("--expect-no-changes", "--config-file", keeping.file)


@pytest.mark.parametrize("kind", ["pulumi up", "pulumi destroy"])
def test_gitops_destroy_ends_what_a_killed_run_began(keeping: Kept, kind: str) -> None:
    stack, falling = keeping.stack, kind == "pulumi destroy"
    prepare(keeping, falling=falling)
    staying = len([path for path in keeping.own if stays(path)])
    running = start(keeping, kind)
    wait_for(running, stack, staying + (len(keeping.own) - staying) // 2, falling=falling)
    sessions.killed(running)
    code, there = running.wait(), objects_of(stack.cluster)
    assert code < 0, "it ended before it was killed"
    meantime = Meantime(stack.cluster, keeping.workloads)

    ended = stack.gitops("destroy", "--stack", stack.name, "--yes", "--keep-workloads")

    assert ended.code == 0, ended.printed
    killed = f"kill of {kind} with {len(there)} of {len(keeping.own)} objects there (exit {code})"
    found = meantime.figures(everything(stack)).show(f"{killed}, then gitops destroy: {what_was_mended(ended.printed)}")
    assert (found.lost, found.changed) == ([], [])
    assert [path for path in objects_of(stack.cluster) if not stays(path)] == []
    assert stack.pulumi("stack", "--stack", stack.name, "--show-ids").printed.count("kubernetes:") == 0


def prepare(keeping: Kept, *, falling: bool) -> None:
    """Everything is there before a `destroy`, and before an `up` what keepWorkloads leaves."""
    options = ("--config-file", keeping.file)
    if falling:
        keeping.stack.up(*options)
    else:
        keeping.stack.pulumi("destroy", "--stack", keeping.stack.name, "--yes", "--skip-preview", *options)


def start(keeping: Kept, kind: str) -> "subprocess.Popen[bytes]":
    stack, options = keeping.stack, (*QUIET, "--config-file", keeping.file)
    words = kind.split()
    command = (*GITOPS, *words[1:], "--stack", stack.name, "--") if words[0] == "gitops" else (*words, "--stack", stack.name)
    return sessions.started([*command, *options], stack.environment)


def wait_for(running: "subprocess.Popen[bytes]", stack: RunningStack, enough: int, *, falling: bool) -> None:
    """Until there are more, or no more, than so many objects, or the command has ended."""
    while running.poll() is None and (len(objects_of(stack.cluster)) > enough) == falling:
        time.sleep(0.05)


def what_has_to_be_there(keeping: Kept, at_the_kill: dict[str, Body]) -> dict[str, str]:
    """All of it, and what is there at the kill, without being on its way out, with the same uid."""
    kept = {path: body for path, body in at_the_kill.items() if "deletionTimestamp" not in body["metadata"]}
    return {**dict.fromkeys(keeping.own, ANY_UID), **uids(kept), **keeping.workloads}


def what_was_mended(printed: str) -> str:
    """What `gitops up` says that it removed and cleared."""
    marks = {"Removed the lock": "a lock", "Removed the empty": "empty attributes", "Cleared ": "pending operations"}
    return ", ".join(word for mark, word in marks.items() if mark in printed) or "nothing left"
