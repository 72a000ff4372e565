"""`gitops status` on a cluster whose objects all say that they are ready, while nobody reconciles them and one of them is gone."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.running_stack import API_OF_KIND, RunningStack, eventually

CONTROLLER, KUSTOMIZATION = "source-controller", "argo-workflows"


def path(kind: str, name: str) -> str:
    return f"/apis/{API_OF_KIND[kind].format(namespace='flux-system')}/{name}"


def scale(stack: RunningStack, replicas: int) -> None:
    with stack.cluster.kube as kube:
        kube.merge(f"{path('Deployment', CONTROLLER)}/scale", {"spec": {"replicas": replicas}})
    eventually(
        lambda: stack.get("Deployment", CONTROLLER),
        lambda body: body is not None and body["status"].get("availableReplicas", 0) == replicas,
        f"{CONTROLLER} with {replicas} replicas",
    )


@pytest.fixture(scope="module")
def broken(synced: RunningStack) -> Iterator[RunningStack]:
    """A controller is scaled to 0, and a root Kustomization is deleted; mended afterwards."""
    before = synced.gitops("status", "--stack", "dev")
    assert before.code == 0, before.printed
    assert "Compared with stack dev: no Flux object or controller is missing." in before.printed
    assert f"{CONTROLLER} " in before.printed
    scale(synced, 0)
    with synced.cluster.kube as kube:
        kube.delete(path("Kustomization", KUSTOMIZATION))
    eventually(lambda: synced.get("Kustomization", KUSTOMIZATION), lambda body: body is None, "the Kustomization gone")
    yield synced
    scale(synced, 1)
    synced.up()
    after = synced.gitops("status", "--stack", "dev", "--wait", "240")
    assert after.code == 0, after.printed


def test_a_controller_that_is_scaled_to_0_and_a_root_kustomization_that_is_gone_are_not_ready(broken: RunningStack) -> None:
    seen = broken.gitops("status", "--stack", "dev")
    assert seen.code == 1, seen.printed
    lines = {line.split()[2]: line for line in seen.printed.splitlines() if line.startswith(("Deployment ", "Kustomization "))}
    assert "it is scaled to 0, so nothing reconciles its objects" in lines[CONTROLLER]
    assert "stack dev declares it, and the cluster lacks it: pulumi up" in lines[KUSTOMIZATION]
    assert "running" in lines["kustomize-controller"]
    (remedy,) = [line.partition("again, which `pulumi up` does not: ")[2] for line in seen.printed.splitlines() if "again, which" in line]
    assert remedy.endswith(f" -n flux-system scale deployment {CONTROLLER} --replicas=1")
    assert "Compared with stack dev: 1 of 18 declared objects is missing." in seen.printed


def test_scripts_are_told_the_same(broken: RunningStack) -> None:
    document: dict[str, Any] = json.loads(broken.gitops("status", "--output", "json").printed)
    assert not document["allReady"]
    assert document["stack"] == "dev", "the stack whose file is for this cluster, without being named"
    reasons = {(each["kind"], each["name"]): each["reason"] for each in document["objects"] if each["ready"] == "no"}
    assert reasons["Deployment", CONTROLLER] == "ScaledToZero"
    assert reasons["Kustomization", KUSTOMIZATION] == "Missing"


def test_without_a_stack_file_it_still_sees_the_controller_and_says_that_nothing_was_compared(broken: RunningStack) -> None:
    seen = broken.gitops("status", changes={"GITOPS_DEV_SERVER": None, "GITOPS_DEV_CONTEXT": None, "GITOPS_DEV_CA_SHA256": None})
    assert seen.code == 1
    assert "Not compared with a stack: no stack file here is for this cluster." in seen.printed


def test_a_wait_is_not_over_while_a_controller_does_not_run(broken: RunningStack) -> None:
    seen = broken.gitops("status", "--stack", "dev", "--wait", "3")
    assert seen.code == 1
    assert f"waiting for Deployment/flux-system/{CONTROLLER}" in seen.printed
