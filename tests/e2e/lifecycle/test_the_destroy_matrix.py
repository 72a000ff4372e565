"""`gitops destroy` ends in every state of a cluster, and says what it leaves.

Four cells belong to `make test`; GITOPS_TEST_MATRIX=all has all of them (`make soak`).
"""

import itertools
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from devcluster.machine.processes import StartedProcess
from tests.e2e.lifecycle.objects import figure, objects_of, synced
from tests.e2e.running_stack import RunningStack, changed_stack_file, eventually

HELD = "/apis/argoproj.io/v1alpha1/namespaces/argo/workflowtemplates/document-ingestion"
NAMESPACE = "/api/v1/namespaces/flux-system"
CONTROLLERS = ("source-controller", "kustomize-controller", "helm-controller", "notification-controller")


@dataclass(frozen=True)
class Cell:
    """One state of the cluster in which a stack is destroyed."""

    policy: str
    controllers: bool
    git: bool
    terminating: bool
    held: bool
    """Whether something that Flux applied has a finalizer of somebody else."""

    def __str__(self) -> str:
        parts = [self.policy, f"controllers-{'alive' if self.controllers else 'dead'}", f"git-{'alive' if self.git else 'dead'}"]
        return "-".join([*parts, *(["terminating"] if self.terminating else []), *(["foreign-finalizer"] if self.held else [])])

    @property
    def workloads_go(self) -> bool | None:
        """None: controllers and their objects go at the same time, and either may be first."""
        if self.policy == "keepWorkloads":
            return False
        return None if self.terminating else self.controllers


_YES_OR_NO = (True, False)
EVERY = [
    Cell(policy, controllers, git, terminating, held)
    for policy, (controllers, git, terminating, held) in itertools.product(
        ("removeWorkloads", "keepWorkloads"), itertools.product(_YES_OR_NO, _YES_OR_NO, _YES_OR_NO, _YES_OR_NO)
    )
]
SHORT = [
    Cell("removeWorkloads", controllers=True, git=True, terminating=False, held=True),
    Cell("removeWorkloads", controllers=False, git=False, terminating=False, held=False),
    Cell("keepWorkloads", controllers=True, git=False, terminating=True, held=False),
    Cell("keepWorkloads", controllers=False, git=True, terminating=False, held=False),
]
CELLS = EVERY if os.environ.get("GITOPS_TEST_MATRIX") == "all" else SHORT


@pytest.mark.parametrize("cell", CELLS, ids=str)
def test_destroy_ends(living: RunningStack, cell: Cell, tmp_path: Path) -> None:
    file = changed_stack_file(tmp_path, onDestroy=cell.policy)
    living.up("--config-file", file)
    synced(living)
    assert has_workloads(living)

    with prepared(living, cell):
        started = time.monotonic()
        ended = living.gitops("destroy", "--stack", living.name, *agreed(cell), "--timeout", "15", expect=None)
        seconds = time.monotonic() - started

    assert ended.code == 0, ended.printed
    left = sorted(path for path in objects_of(living.cluster) if not is_definition(path))
    figure(f"destroy {cell}: {seconds:.0f} s; {len(left)} of the stack left; workloads {'there' if has_workloads(living) else 'gone'}")
    assert left == []
    assert living.pulumi("stack", "--stack", living.name, "--show-ids").printed.count("kubernetes:") == 0
    if cell.workloads_go is not None:
        assert has_workloads(living) != cell.workloads_go
    if not cell.controllers:
        assert "Finalizers released" in ended.printed


def agreed(cell: Cell) -> list[str]:
    """The shipped stack file says removeWorkloads, so that the policy alone tells the cells apart."""
    return ["--yes"] if cell.policy == "removeWorkloads" else ["--yes", "--keep-workloads"]


@contextmanager
def prepared(stack: RunningStack, cell: Cell) -> Iterator[None]:
    """The cluster in the state of the cell; Git runs again afterwards, and nothing is held."""
    gitea = StartedProcess.read(stack.cluster.home.processes / "gitea.json")
    assert gitea is not None
    with stack.cluster.kube as kube, kube.credentials.client() as client:
        if cell.held:
            change(client, HELD, {"metadata": {"finalizers": ["example.com/hold"]}})
        if not cell.controllers:
            for name in CONTROLLERS:
                change(client, f"/apis/apps/v1/namespaces/flux-system/deployments/{name}", {"spec": {"replicas": 0}})
            eventually(lambda: running(client), lambda count: count == 0, "no controller runs")
        if cell.terminating:
            client.delete(NAMESPACE).raise_for_status()
        if not cell.git:
            os.kill(gitea.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(gitea.pid, signal.SIGCONT)
            if cell.held:
                change(client, HELD, {"metadata": {"finalizers": None}})


def change(client: object, path: str, patch: dict[str, object]) -> None:
    """A merge patch; what is gone is left alone."""
    answer = client.patch(path, json=patch, headers={"Content-Type": "application/merge-patch+json"})  # type: ignore[attr-defined]
    assert answer.is_success or answer.status_code == 404, answer.text


def running(client: object) -> int:
    """How many pods of controllers are available."""
    answer = client.get("/apis/apps/v1/namespaces/flux-system/deployments").json()  # type: ignore[attr-defined]
    return sum(item["status"].get("availableReplicas", 0) for item in answer["items"])


def has_workloads(stack: RunningStack) -> bool:
    """Whether both releases and the templates of the samples are there."""
    with stack.cluster.kube as kube:
        template = kube.get(HELD)
    return (
        stack.get("Deployment", "gatus", "observability") is not None
        and template is not None
        and "deletionTimestamp" not in template["metadata"]
    )


def is_definition(path: str) -> bool:
    """What keepWorkloads leaves in the cluster."""
    return "customresourcedefinitions" in path or path == "/api/v1/namespaces/flux-system"
