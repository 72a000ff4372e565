"""A stack that keeps its workloads on destroy, and what Flux applied with it."""

from dataclasses import dataclass

from devcluster.gitea.encrypted_files import EncryptedFiles
from tests.e2e.lifecycle.figures import ANY_UID
from tests.e2e.lifecycle.objects import is_applied, objects_of, uids
from tests.e2e.running_stack import RunningStack, eventually

MILVUS = "/apis/apps/v1/namespaces/ai-ml/deployments/milvus"
WORKLOADS = (
    "/apis/apps/v1/namespaces/observability/deployments/gatus",
    "/apis/apps/v1/namespaces/observability/deployments/ntfy",
    MILVUS,
    "/apis/argoproj.io/v1alpha1/namespaces/argo/workflowtemplates/document-ingestion",
    "/apis/helm.toolkit.fluxcd.io/v2/namespaces/observability/helmreleases/gatus",
    "/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/flux-system/kustomizations/milvus",
    "/api/v1/namespaces/flux-system/configmaps/cluster-settings",
    "/api/v1/namespaces/ai-ml",
)
"""Of what Flux applies from Git and with Helm, one or more of each way and scope."""
CHILDREN = ("gatus", "ntfy", "milvus")
"""Kustomizations that come from Git."""


@dataclass(frozen=True, kw_only=True)
class Kept:
    """The stack, applied, with everything that Flux applies in the cluster."""

    stack: RunningStack
    file: str
    """A stack file with keepWorkloads."""
    own: dict[str, str]
    """Everything that the stack makes → uid."""
    workloads: dict[str, str]
    """What Flux applied → uid."""

    @property
    def after_a_destruction(self) -> dict[str, str]:
        """What has to be there after a destruction and one more `up`: the workloads, the namespace and the CRDs as they were."""
        return {**{path: uid if stays(path) else ANY_UID for path, uid in self.own.items()}, **self.workloads}


def kept(stack: RunningStack, file: str) -> Kept:
    """Apply the stack with `file`, encrypt for its keys, and wait for what Flux applies."""
    stack.up("--config-file", file)
    wait_until_applied(stack)
    return Kept(stack=stack, file=file, own=uids(objects_of(stack.cluster)), workloads=workloads_of(stack))


def wait_until_applied(stack: RunningStack) -> None:
    """Encrypt for the stack's keys, and wait until every Kustomization and HelmRelease is ready, and the workloads are there.

    A destruction deletes a generated key for good, so after it there is another one. Children of a Kustomization look for their source
    every two minutes, so they are asked to.
    """
    EncryptedFiles(stack.cluster.home, stack.cluster.samples).publish(sorted(stack.output("ageRecipients").values()))
    for name in CHILDREN:
        if stack.get("Kustomization", name):
            stack.ask_to_reconcile("Kustomization", name)
    eventually(stack.rows, is_applied, "every Kustomization and HelmRelease ready")
    eventually(lambda: workloads_of(stack), lambda found: len(found) == len(WORKLOADS), "what Flux applies")


def workloads_of(stack: RunningStack) -> dict[str, str]:
    """Which of the workloads are there now, and their uids."""
    with stack.cluster.kube as kube:
        return {path: found["metadata"]["uid"] for path in WORKLOADS if (found := kube.get(path))}


def everything(stack: RunningStack) -> dict[str, str]:
    """What the stack has made and what Flux has applied of it, as it is now: path → uid."""
    return {**uids(objects_of(stack.cluster)), **workloads_of(stack)}


def stays(path: str) -> bool:
    """What keepWorkloads leaves in the cluster."""
    return "customresourcedefinitions" in path or path == "/api/v1/namespaces/flux-system"
