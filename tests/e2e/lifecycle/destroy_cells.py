"""The states of a cluster in which a stack is destroyed, and what is left afterwards."""

import itertools
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx

from devcluster.machine.processes import StartedProcess
from tests.e2e.lifecycle.objects import objects_of
from tests.e2e.running_stack import RunningStack, eventually

HOLD = "example.com/hold"
TEMPLATE = "/apis/argoproj.io/v1alpha1/namespaces/argo/workflowtemplates/document-ingestion"
SOURCE = "/apis/source.toolkit.fluxcd.io/v1/namespaces/flux-system/gitrepositories/kubeflow"
SECRET = "/api/v1/namespaces/flux-system/secrets/sops-age"
HELD = {
    "foreign-finalizer": (TEMPLATE, [HOLD]),
    "foreign-finalizer-on-a-source": (SOURCE, ["finalizers.fluxcd.io", HOLD]),
    "foreign-finalizer-on-a-secret": (SECRET, [HOLD]),
}
"""What holds → the object that gets a finalizer of somebody else, and its finalizers. A source and a Secret are the stack's own."""
NAMESPACE = "/api/v1/namespaces/flux-system"
DEPLOYMENTS = "/apis/apps/v1/namespaces/flux-system/deployments"
CONTROLLERS = ("source-controller", "kustomize-controller", "helm-controller", "notification-controller")
WORKLOADS = {
    "/apis/apps/v1/namespaces/observability/deployments/gatus": ("cluster-apps", "gatus"),
    "/apis/apps/v1/namespaces/observability/deployments/ntfy": ("cluster-apps", "ntfy"),
    "/apis/apps/v1/namespaces/ai-ml/deployments/milvus": ("cluster-apps", "milvus"),
    "/api/v1/namespaces/ai-ml": ("cluster-apps",),
    TEMPLATE: ("argo-workflows",),
}
"""What Flux applies outside of its own namespace → the Kustomizations and HelmReleases whose removal removes it."""


@dataclass(frozen=True)
class Cell:
    """One state of the cluster in which a stack is destroyed."""

    policy: str
    controllers: bool
    git: bool
    terminating: bool
    held: str = ""
    """What has a finalizer of somebody else: a key of `HELD`."""
    option: bool = False
    """Whether `--keep-workloads` is given."""

    def __str__(self) -> str:
        parts = [self.policy, f"controllers-{'alive' if self.controllers else 'dead'}", f"git-{'alive' if self.git else 'dead'}"]
        parts += [part for part in ("terminating" if self.terminating else "", self.held, "keep-workloads" if self.option else "") if part]
        return "-".join(parts)

    @property
    def keeps(self) -> bool:
        """Whether the workloads are to stay because the stack, or the option, says so."""
        return self.option or self.policy == "keepWorkloads"

    @property
    def is_a_race(self) -> bool:
        """Whether Kubernetes deletes the controllers at the same moment as the objects that they are to clean up after.

        Neither the stack nor the command has a say in who is first. What is definite: what stays is named by the command.
        """
        return not self.keeps and self.controllers and self.terminating

    @property
    def workloads_go(self) -> bool:
        """What is certain, but in a race."""
        return not self.keeps and self.controllers


_YES_OR_NO = (True, False)
EVERY = [
    *(
        Cell(policy, controllers, git, terminating, "foreign-finalizer" if held else "")
        for policy, (controllers, git, terminating, held) in itertools.product(
            ("removeWorkloads", "keepWorkloads"), itertools.product(_YES_OR_NO, _YES_OR_NO, _YES_OR_NO, _YES_OR_NO)
        )
    ),
    Cell("removeWorkloads", controllers=True, git=True, terminating=False, held="foreign-finalizer-on-a-source"),
    Cell("removeWorkloads", controllers=False, git=False, terminating=False, held="foreign-finalizer-on-a-source"),
    Cell("keepWorkloads", controllers=True, git=True, terminating=False, held="foreign-finalizer-on-a-secret"),
    Cell("removeWorkloads", controllers=True, git=True, terminating=False, option=True),
]
SHORT = [
    Cell("removeWorkloads", controllers=True, git=True, terminating=False, held="foreign-finalizer"),
    Cell("removeWorkloads", controllers=False, git=False, terminating=False, held="foreign-finalizer-on-a-source"),
    Cell("keepWorkloads", controllers=True, git=False, terminating=True),
    Cell("keepWorkloads", controllers=True, git=True, terminating=False, held="foreign-finalizer-on-a-secret"),
]


@dataclass(frozen=True, kw_only=True)
class Left:
    """What is in the cluster after a destruction."""

    of_the_stack: list[str]
    """Without what keepWorkloads leaves."""
    workloads: dict[str, str]
    """Path → uid, of those that nobody is deleting."""
    helm_releases: int
    definitions: int
    """Flux's CRDs."""

    def __str__(self) -> str:
        return (
            f"left: {len(self.of_the_stack)} of the stack, {len(self.workloads)} of {len(WORKLOADS)} workloads, "
            f"{self.helm_releases} HelmReleases, {self.definitions} CRDs of Flux"
        )


def left_in(stack: RunningStack) -> Left:
    """Count it."""
    own = sorted(path for path in objects_of(stack.cluster) if not is_definition(path))
    with stack.cluster.kube as kube:
        found = {path: body["metadata"] for path in WORKLOADS if (body := kube.get(path))}
        releases = kube.get("/apis/helm.toolkit.fluxcd.io/v2/helmreleases") or {"items": []}
        definitions = kube.get("/apis/apiextensions.k8s.io/v1/customresourcedefinitions") or {"items": []}
    return Left(
        of_the_stack=own,
        workloads={path: each["uid"] for path, each in found.items() if "deletionTimestamp" not in each},
        helm_releases=len(releases["items"]),
        definitions=sum(item["metadata"]["name"].endswith(".fluxcd.io") for item in definitions["items"]),
    )


def is_definition(path: str) -> bool:
    """What keepWorkloads leaves in the cluster."""
    return "customresourcedefinitions" in path or path == NAMESPACE


def named_as_left(printed: str, workload: str) -> bool:
    """Whether the command said that what applied a workload leaves it: in its table, or among what it released."""
    before, _, released = printed.partition("Finalizers released")
    rows = [line for line in before.splitlines() if " kept" in line]
    told = [line for line in (*rows, *released.splitlines()) if line.strip().startswith(("Kustomization", "HelmRelease"))]
    return any(f"/{name} " in line for name in WORKLOADS[workload] for line in told)


@contextmanager
def prepared(stack: RunningStack, cell: Cell) -> Iterator[None]:
    """The cluster in the state of the cell; Git runs again afterwards, and nothing is held."""
    gitea = StartedProcess.read(stack.cluster.home.processes / "gitea.json")
    assert gitea is not None
    with stack.cluster.kube as kube, kube.credentials.client() as client:
        if cell.held:
            path, finalizers = HELD[cell.held]
            change(client, path, {"metadata": {"finalizers": finalizers}})
        if not cell.controllers:
            end_the_controllers(client)
        if cell.terminating:
            client.delete(NAMESPACE).raise_for_status()
        if not cell.git:
            os.kill(gitea.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(gitea.pid, signal.SIGCONT)
            if cell.held:
                change(client, HELD[cell.held][0], {"metadata": {"finalizers": None}})


def end_the_controllers(client: httpx.Client) -> None:
    """Scale all of them to 0, and wait until none runs."""
    for name in CONTROLLERS:
        change(client, f"{DEPLOYMENTS}/{name}", {"spec": {"replicas": 0}})
    eventually(lambda: running(client), lambda count: count == 0, "no controller runs")


def change(client: httpx.Client, path: str, patch: dict[str, object]) -> None:
    """A merge patch; what is gone is left alone."""
    answer = client.patch(path, json=patch, headers={"Content-Type": "application/merge-patch+json"})
    assert answer.is_success or answer.status_code == httpx.codes.NOT_FOUND, answer.text


def running(client: httpx.Client) -> int:
    """How many pods of controllers are available."""
    answer = client.get(DEPLOYMENTS).json()
    return sum(item["status"].get("availableReplicas", 0) for item in answer["items"])
