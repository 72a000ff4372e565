"""What people change in a running cluster is told with their name, and set back; what they and Flux rightly write is left alone."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.lifecycle.objects import figure
from tests.e2e.running_stack import RunningStack, changed_stack_file

ROOT = "/api/v1/namespaces/flux-system"
SOURCES = "/apis/source.toolkit.fluxcd.io/v1/namespaces/flux-system/gitrepositories"
DEPLOYMENTS = "/apis/apps/v1/namespaces/flux-system/deployments"
BY_HAND = "kubectl-edit"
MERGE, STRATEGIC = "application/merge-patch+json", "application/strategic-merge-patch+json"


@pytest.fixture(scope="module")
def edited(living: RunningStack) -> Iterator[RunningStack]:
    """The stack after a few edits: changed, added, removed, and some that are nobody's business."""
    living.up()
    change(living, f"{SOURCES}/kubeflow", {"spec": {"interval": "7m", "ignore": "*.md"}})
    change(living, f"{SOURCES}/mlflow", {"metadata": {"labels": {"gitops.daviestechlabs.io/cluster": None}}})
    change(living, f"{ROOT}/configmaps/stack-vars", {"data": {"CLUSTER_NAME": "other"}})
    change(living, f"{ROOT}/secrets/sops-age", {"data": {"other.agekey": "QUFB"}})
    change(living, f"{DEPLOYMENTS}/helm-controller/scale", {"spec": {"replicas": 2}})
    sidecar, variable = {"name": "sidecar", "image": "registry.example.com/sidecar:1"}, {"name": "DEBUG", "value": "1"}
    containers = [{"name": "manager", "env": [variable]}, sidecar]
    change(living, f"{DEPLOYMENTS}/helm-controller", {"spec": {"template": {"spec": {"containers": containers}}}}, form=STRATEGIC)
    for interval in ("7m", "15m"):  # and back again
        change(living, f"{SOURCES}/mlflow", {"spec": {"interval": interval}})
    change(living, "/apis/rbac.authorization.k8s.io/v1/clusterroles/crd-controller", {"rules": []})
    change(living, f"{SOURCES}/argo-workflows", {"spec": {"suspend": True}}, manager="flux")
    change(living, f"{SOURCES}/argo-workflows", {"metadata": {"annotations": {"reconcile.fluxcd.io/requestedAt": "now"}}}, manager="flux")
    yield living
    change(living, f"{SOURCES}/argo-workflows", {"spec": {"suspend": None}}, manager="flux")


def change(stack: RunningStack, path: str, patch: dict[str, Any], manager: str = BY_HAND, form: str = MERGE) -> None:
    with stack.cluster.kube as kube, kube.credentials.client() as client:
        headers = {"Content-Type": form}
        client.patch(path, json=patch, params={"fieldManager": manager}, headers=headers).raise_for_status()


def test_each_change_is_told_with_who_made_it_and_nothing_else_is(edited: RunningStack) -> None:
    seen = edited.gitops("drift", "--stack", edited.name, expect=1).printed

    lines = [line.strip() for line in seen.splitlines()]
    by = f"(by {BY_HAND} since "
    assert [line for line in lines if line.startswith("spec.interval: 15m became 7m " + by)]
    assert [line for line in lines if line.startswith("spec.ignore: *.md, which the stack does not declare " + by)]
    assert [line for line in lines if line.startswith("data.CLUSTER_NAME: dev became other " + by)]
    assert [line for line in lines if line.startswith("data.other.agekey: [secret], which the stack does not declare " + by)]
    assert [line for line in lines if line.startswith(f"spec.replicas: 1 became 2 (by {BY_HAND}")]
    assert "metadata.labels.gitops.daviestechlabs.io/cluster: dev became nothing" in lines
    assert [line for line in lines if line.startswith("rules: ")]
    assert [line for line in lines if line.startswith("spec.template.spec.containers[1]: ") and "which the stack does not declare" in line]
    assert [line for line in lines if line.startswith("spec.template.spec.containers[0].env[") and '"DEBUG"' in line]
    assert not [line for line in lines if "spec.interval: 15m, which" in line], "it was changed back"
    assert [line for line in lines if line.startswith("is suspended (by flux since ")]
    assert "6 of 51 objects of stack dev differ." in seen
    assert "QUFB" not in seen


def test_a_refresh_sees_what_the_stack_declares_and_up_with_it_sets_that_back_without_a_conflict(edited: RunningStack) -> None:
    seen = edited.preview("--refresh", "--diff").printed
    assert "7m" in seen
    assert "field conflict" not in seen


def test_mended_it_is_as_it_was_applied(edited: RunningStack) -> None:
    edited.gitops("drift", "--stack", edited.name, "--mend", expect=0)

    again = edited.gitops("drift", "--stack", edited.name, expect=0).printed
    figure(f"drift after --mend: {again.strip().splitlines()[-1]}")
    assert "No drift" in again
    source = edited.get("GitRepository", "kubeflow")
    assert source is not None
    assert (source["spec"]["interval"], "ignore" in source["spec"]) == ("15m", False)
    assert "other.agekey" not in edited.secret("sops-age")
    other = edited.get("GitRepository", "mlflow")
    assert other is not None
    assert other["spec"]["interval"] == "15m", "what was changed back is not taken away"
    deployment = edited.get("Deployment", "helm-controller")
    assert deployment is not None
    (manager,) = deployment["spec"]["template"]["spec"]["containers"]
    assert "DEBUG" not in [each["name"] for each in manager["env"]]
    edited.preview("--expect-no-changes")


def test_an_ordinary_change_of_an_edited_field_needs_no_force_and_no_refresh(edited: RunningStack, tmp_path: Path) -> None:
    change(edited, f"{ROOT}/configmaps/stack-vars", {"data": {"CLUSTER_NAME": "other"}})
    file = changed_stack_file(tmp_path, variables={"CLUSTER_NAME": "third", "CLUSTER_DOMAIN": "dev.localhost"})

    edited.up("--config-file", file)

    found = edited.get("ConfigMap", "stack-vars")
    assert found is not None
    assert found["data"]["CLUSTER_NAME"] == "third"
    edited.up()
