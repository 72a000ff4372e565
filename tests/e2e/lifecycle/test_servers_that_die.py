"""The API server, etcd and Gitea, killed in the middle of `up`, of reconciliation and of a destruction: one more run finishes it.

A reconciliation needs no run: Flux finishes it by itself. Two cells belong to `make test`; GITOPS_TEST_MATRIX=all has all nine, for
`make soak`.
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
from typing import Any

import pytest

from devcluster.gitea.sample_repositories import ROOT_REPOSITORY
from devcluster.machine.processes import StartedProcess
from tests.e2e.lifecycle.figures import Meantime
from tests.e2e.lifecycle.objects import objects_of
from tests.e2e.lifecycle.workloads import MILVUS, Kept, everything, stays, wait_until_applied
from tests.e2e.running_stack import CLONE, RunningStack, eventually

SERVERS, PHASES = ("kube-apiserver", "etcd", "gitea"), ("up", "reconciliation", "destroy")
SHORT = [("kube-apiserver", "up"), ("gitea", "reconciliation")]
CELLS = list(itertools.product(SERVERS, PHASES)) if os.environ.get("GITOPS_TEST_MATRIX") == "all" else SHORT
QUIET = ("--yes", "--skip-preview", "--non-interactive", "--color", "never")
DESTROY = ("destroy", "--yes", "--keep-workloads", "--timeout", "30")
FILE = "kubernetes/apps/ai-ml/milvus/app/deployment.yaml"
SOURCE, KUSTOMIZATION = ("GitRepository", "homelab-k8s2"), ("Kustomization", "milvus")
MOST_COMMITS = 10


@pytest.mark.parametrize(("server", "phase"), CELLS, ids=lambda each: str(each))
def test_it_is_finished(keeping: Kept, server: str, phase: str) -> None:
    stack = keeping.stack
    meantime = Meantime(stack.cluster, everything(stack) if phase == "reconciliation" else keeping.after_a_destruction)
    told = {"up": killed_up, "reconciliation": killed_reconciliation, "destroy": killed_destruction}[phase](keeping, server, meantime)
    wait_until_applied(stack)

    found = meantime.figures(everything(stack)).show(f"{server} killed during {phase} ({told})")
    assert found.lost == []
    assert found.changed == []
    stack.preview("--expect-no-changes", "--config-file", keeping.file)


def killed_up(keeping: Kept, server: str, meantime: Meantime) -> str:
    stack, file = keeping.stack, ("--config-file", keeping.file)
    stack.pulumi("destroy", "--stack", stack.name, "--yes", "--skip-preview", *file)
    half = len(keeping.own) // 2
    command = ("pulumi", "up", *QUIET, *file)
    code = killed_while_running(stack, command, server, lambda: len(objects_of(stack.cluster)) >= half, meantime)
    finished = stack.up(*file, expect=None)
    assert finished.code == 0, finished.printed
    return f"exit {code}, then {finished.code}"


def killed_destruction(keeping: Kept, server: str, meantime: Meantime) -> str:
    stack = keeping.stack
    command = (sys.executable, "-m", "gitops", *DESTROY)
    code = killed_while_running(stack, command, server, lambda: len(objects_of(stack.cluster)) < len(keeping.own), meantime)
    first = stack.transcript[-1]
    finished = stack.gitops(*DESTROY, "--stack", stack.name)
    left = [path for path in objects_of(stack.cluster) if not stays(path)]
    assert (finished.code, left) == (0, []), f"the first run:\n{first}\nthe second run:\n{finished.printed}"
    stack.up("--config-file", keeping.file)
    return f"exit {code}, then {finished.code}, then up"


def killed_while_running(stack: RunningStack, command: tuple[str, ...], server: str, enough: Callable[[], bool], meantime: Meantime) -> int:
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
        assert running.poll() is None, "it ended before the server died"
        meantime.converging()
        die(stack, server)
        bring_back(stack, server)
        code = running.wait(600)
        printed.seek(0)
        stack.transcript.append(printed.read())
    return code


def killed_reconciliation(keeping: Kept, server: str, meantime: Meantime) -> str:
    """A commit that changes the Deployment, and the server's death while Flux is at work on it; what it was at work on.

    Gitea dies while the source is fetched, the others while what it brought is applied. Each takes a moment, so it may be over before it is
    seen: then there is another commit.
    """
    stack, at_work = keeping.stack, SOURCE if server == "gitea" else KUSTOMIZATION
    for _ in range(MOST_COMMITS):
        value = f"at {time.time_ns()}"
        commit = push(stack, value)
        if caught(stack, at_work, commit, lambda: die(stack, server)):
            break
    else:
        pytest.fail(f"{' '.join(at_work)} was never seen at work on a commit")
    meantime.converging()
    bring_back(stack, server)
    eventually(lambda: stack.get(*KUSTOMIZATION), lambda body: has_applied(body, commit), f"{commit} is applied")
    eventually(lambda: value_in_the_cluster(stack), lambda found: found == value, "the Deployment has the new value")
    return f"{' '.join(at_work)} at work on {commit[:8]}, which then arrived with its value"


def push(stack: RunningStack, value: str) -> str:
    """A commit that sets a variable of the Deployment."""
    samples = stack.cluster.samples
    content = (samples.read(ROOT_REPOSITORY, FILE) or b"").decode()
    kept = [line for line in content.splitlines() if "TRIED" not in line]
    at = next(number for number, line in enumerate(kept) if line.strip() == "env:")
    kept.insert(at + 1, f"            - {{name: TRIED, value: {value}}}")
    return samples.push(ROOT_REPOSITORY, {FILE: "\n".join([*kept, ""]).encode()}, "feat: another value")


def caught(stack: RunningStack, at_work: tuple[str, str], commit: str, then: Callable[[], None]) -> bool:
    """Wait until the object is being reconciled, or has this commit already; in the first case, do it at once."""
    with stack.cluster.kube as kube:
        kind, name = at_work
        plural = "gitrepositories" if kind == "GitRepository" else "kustomizations"
        group = "source" if kind == "GitRepository" else "kustomize"
        path = f"/apis/{group}.toolkit.fluxcd.io/v1/namespaces/flux-system/{plural}/{name}"
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            body = kube.get(path) or {}
            if is_at_work(body, commit):
                then()
                return True
            if has_applied(body, commit):
                return False
            time.sleep(0.01)
    raise AssertionError(f"{kind} {name} does not take notice of {commit}: {body}")


def is_at_work(body: dict[str, Any], commit: str) -> bool:
    """Of a Kustomization: on this commit, as it says. A source learns which one there is while it is at work."""
    conditions = body.get("status", {}).get("conditions", [])
    reconciling = [each for each in conditions if each["type"] == "Reconciling" and each["status"] == "True"]
    return bool(reconciling) and (body["kind"] == "GitRepository" or any(commit in each["message"] for each in reconciling))


def has_applied(body: dict[str, Any] | None, commit: str) -> bool:
    """Whether the source has fetched it, or the Kustomization has applied it."""
    status = (body or {}).get("status", {})
    return commit in status.get("artifact", {}).get("revision", "") or commit in status.get("lastAppliedRevision", "")


def value_in_the_cluster(stack: RunningStack) -> str | None:
    with stack.cluster.kube as kube:
        found = kube.get(MILVUS)
    variables = found["spec"]["template"]["spec"]["containers"][0]["env"] if found else []
    return next((each.get("value") for each in variables if each["name"] == "TRIED"), None)


def die(stack: RunningStack, server: str) -> None:
    process = StartedProcess.read(Path(stack.cluster.home.processes) / f"{server}.json")
    assert process is not None
    os.kill(process.pid, signal.SIGKILL)


def bring_back(stack: RunningStack, server: str) -> None:
    """It is there again, two seconds later and a bit."""
    time.sleep(2)
    if server == "gitea":
        stack.cluster.gitea.wait_until_ready()  # its supervisor starts it again
    else:
        if server == "etcd":
            stack.cluster.control_plane.stop()  # an API server that lost it does not always find it again
        stack.cluster.control_plane.start()
