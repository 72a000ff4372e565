"""What people change in a running cluster by hand, and what they and Flux rightly write."""

from pathlib import Path
from typing import Any

import yaml

from tests.e2e.running_stack import CLONE, RunningStack, changed_stack_file

ROOT = "/api/v1/namespaces/flux-system"
SOURCES = "/apis/source.toolkit.fluxcd.io/v1/namespaces/flux-system/gitrepositories"
KUSTOMIZATIONS = "/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/flux-system/kustomizations"
DEPLOYMENTS = "/apis/apps/v1/namespaces/flux-system/deployments"
BY_HAND = "kubectl-edit"
MERGE, STRATEGIC = "application/merge-patch+json", "application/strategic-merge-patch+json"
DEBUGGING = "--log-level=debug"
RESUMED = "chat-handler"
"""A source that the stack suspends, and that somebody resumes."""
EDITED = (
    "GitRepository/flux-system/kubeflow",
    "Kustomization/flux-system/cluster-vars",
    "ConfigMap/flux-system/stack-vars",
    "Secret/flux-system/sops-age",
    "Deployment/flux-system/helm-controller",
    "Deployment/flux-system/notification-controller",
    "ClusterRole/crd-controller",
    f"GitRepository/flux-system/{RESUMED}",
)
"""What `edit` makes differ from what the stack declares."""


OVERRIDES: dict[str, Any] = yaml.safe_load((CLONE / "Pulumi.dev.yaml").read_text())["config"]["gitops:override"]
"""Those of the shipped stack file."""


def suspending(folder: Path) -> str:
    """The shipped stack file, which suspends one source besides."""
    return changed_stack_file(folder, override={**OVERRIDES, f"git/{RESUMED}": {"spec": {"suspend": True}}})


def change(stack: RunningStack, path: str, patch: dict[str, Any], manager: str = BY_HAND, form: str = MERGE) -> None:
    """Patch an object as somebody else."""
    with stack.cluster.kube as kube, kube.credentials.client() as client:
        headers = {"Content-Type": form}
        client.patch(path, json=patch, params={"fieldManager": manager}, headers=headers).raise_for_status()


def edit(stack: RunningStack) -> None:
    """Change, add, and write some that is nobody's business. Needs the stack file that `suspending` makes."""
    change(stack, f"{SOURCES}/kubeflow", {"spec": {"interval": "7m", "ignore": "*.md"}})
    change(stack, f"{KUSTOMIZATIONS}/cluster-vars", {"spec": {"retryInterval": "9m", "path": "./elsewhere"}})
    change(stack, f"{ROOT}/configmaps/stack-vars", {"data": {"CLUSTER_NAME": "other"}})
    change(stack, f"{ROOT}/secrets/sops-age", {"data": {"other.agekey": "QUFB"}})
    change(stack, f"{DEPLOYMENTS}/helm-controller/scale", {"spec": {"replicas": 2}})
    sidecar, variable = {"name": "sidecar", "image": "registry.example.com/sidecar:1"}, {"name": "DEBUG", "value": "1"}
    containers = [{"name": "manager", "env": [variable]}, sidecar]
    change(stack, f"{DEPLOYMENTS}/helm-controller", {"spec": {"template": {"spec": {"containers": containers}}}}, form=STRATEGIC)
    arguments = [each.replace("--log-level=info", DEBUGGING) for each in arguments_of(stack, "notification-controller")]
    manager = {"name": "manager", "args": arguments}
    change(stack, f"{DEPLOYMENTS}/notification-controller", {"spec": {"template": {"spec": {"containers": [manager]}}}}, form=STRATEGIC)
    for interval in ("7m", "15m"):  # and back again
        change(stack, f"{SOURCES}/mlflow", {"spec": {"interval": interval}})
    change(stack, "/apis/rbac.authorization.k8s.io/v1/clusterroles/crd-controller", {"rules": []})
    change(stack, f"{SOURCES}/{RESUMED}", {"spec": {"suspend": False}}, manager="flux")
    change(stack, f"{SOURCES}/argo-workflows", {"spec": {"suspend": True}}, manager="flux")
    change(stack, f"{SOURCES}/argo-workflows", {"metadata": {"annotations": {"reconcile.fluxcd.io/requestedAt": "now"}}}, manager="flux")


def resumed(stack: RunningStack) -> None:
    """Take the suspension away that `edit` left, which is no drift."""
    change(stack, f"{SOURCES}/argo-workflows", {"spec": {"suspend": None}}, manager="flux")


def arguments_of(stack: RunningStack, controller: str) -> list[str]:
    """Of the one container that the stack declares."""
    (manager,) = containers_of(stack, controller)
    arguments: list[str] = manager["args"]
    return arguments


def containers_of(stack: RunningStack, controller: str) -> list[dict[str, Any]]:
    """Of a controller's Deployment."""
    found = stack.get("Deployment", controller)
    assert found is not None
    containers: list[dict[str, Any]] = found["spec"]["template"]["spec"]["containers"]
    return containers
