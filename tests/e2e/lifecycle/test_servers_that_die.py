"""The API server, etcd and Gitea, killed in the middle of `up`, of reconciliation and of a destruction: one more run finishes it.

Two cells belong to `make test`; GITOPS_TEST_MATRIX=all has all nine (`make soak`).
"""

import itertools
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from devcluster.gitea.encrypted_files import EncryptedFiles
from devcluster.machine.processes import StartedProcess
from gitops.status.row import Readiness
from tests.e2e.lifecycle.objects import figure, objects_of, synced
from tests.e2e.running_stack import CLONE, Finished, RunningStack, eventually

ALL = list(itertools.product(("kube-apiserver", "etcd", "gitea"), ("up", "reconciliation", "destroy")))
SHORT = [("kube-apiserver", "up"), ("gitea", "reconciliation")]
CELLS = ALL if os.environ.get("GITOPS_TEST_MATRIX") == "all" else SHORT
UP = ("pulumi", "up", "--yes", "--skip-preview", "--non-interactive", "--color", "never")
DESTROY = (sys.executable, "-m", "gitops", "destroy", "--yes", "--keep-workloads", "--timeout", "30")


@pytest.mark.parametrize(("server", "phase"), CELLS, ids=lambda each: str(each))
def test_one_more_run_finishes_it(living: RunningStack, server: str, phase: str) -> None:
    living.up()
    synced(living)
    own = frozenset(objects_of(living.cluster))
    started = time.monotonic()
    if phase == "up":
        living.pulumi("destroy", "--stack", living.name, "--yes", "--skip-preview")
        code = killed_while_running(living, UP, server, lambda: len(objects_of(living.cluster)) >= len(own) // 2)
        finished = living.up(expect=None)
    elif phase == "destroy":
        code = killed_while_running(living, DESTROY, server, lambda: len(objects_of(living.cluster)) < len(own))
        finished = living.gitops("destroy", "--stack", living.name, "--yes", "--keep-workloads", "--timeout", "30", expect=None)
        left = [path for path in objects_of(living.cluster) if "customresourcedefinitions" not in path and "namespaces/flux" not in path]
        assert left == [], f"the first run:\n{living.transcript[-3]}\nthe second run:\n{finished.printed}"
        living.up()
    else:
        code, finished = 0, reconciled_after_death(living, server)

    lost = own - set(objects_of(living.cluster))
    seconds = time.monotonic() - started
    ended = f"exit {code}, then {finished.code}; {len(lost)} objects lost"
    figure(f"{server} killed during {phase}: {ended}, {seconds:.0f} s with the run after it")
    assert finished.code == 0, finished.printed
    assert lost == set()
    living.preview("--expect-no-changes")


def killed_while_running(stack: RunningStack, command: tuple[str, ...], server: str, enough: Callable[[], bool]) -> int:
    """Start a run, kill the server in the middle of it, bring it back two seconds later; the run's exit code."""
    with tempfile.TemporaryFile("w+") as printed:
        running = subprocess.Popen(
            [*command, "--stack", stack.name],
            cwd=CLONE,
            env={**os.environ, **stack.environment},
            stdin=subprocess.DEVNULL,
            stdout=printed,
            stderr=printed,
        )
        while running.poll() is None and not enough():
            time.sleep(0.05)
        die_and_return(stack, server)
        code = running.wait(600)
        printed.seek(0)
        stack.transcript.append(printed.read())
    if server != "gitea":  # a run that ended with an error may have left its lock
        stack.pulumi("cancel", "--stack", stack.name, "--yes", expect=None)
    return code


def die_and_return(stack: RunningStack, server: str) -> None:
    process = StartedProcess.read(Path(stack.cluster.home.processes) / f"{server}.json")
    assert process is not None
    os.kill(process.pid, signal.SIGKILL)
    time.sleep(2)
    if server == "gitea":
        stack.cluster.gitea.wait_until_ready()  # its supervisor starts it again
    else:
        if server == "etcd":
            stack.cluster.control_plane.stop()  # an API server that lost it does not always find it again
        stack.cluster.control_plane.start()


def reconciled_after_death(stack: RunningStack, server: str) -> Finished:
    """A commit, and the server's death before Flux has it."""
    EncryptedFiles(stack.cluster.home, stack.cluster.samples).publish(sorted(stack.output("ageRecipients").values()))
    die_and_return(stack, server)
    eventually(
        stack.rows, lambda rows: all(row.ready is Readiness.YES for row in rows if row.kind == "Kustomization"), "every Kustomization ready"
    )
    return Finished(0, "")
