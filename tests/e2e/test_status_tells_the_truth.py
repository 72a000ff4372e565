"""`gitops status` where every object says that it is ready, and yet Git moved on, nothing fetches, and the roots are gone."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.running_stack import API_OF_KIND, RunningStack, eventually

CONTROLLER, SOURCE = "source-controller", "homelab-k8s2"
ROOTS = ("cluster-vars", "cluster-apps", "argo-workflows")


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
    """A controller is scaled to 0, a newer commit is pushed, and all root Kustomizations are deleted; put right afterwards."""
    before = synced.gitops("status", "--stack", "dev")
    assert before.code == 0, before.printed
    assert "Compared with stack dev: no Flux object or controller is missing." in before.printed
    assert f"{CONTROLLER} " in before.printed
    scale(synced, 0)
    commit = synced.cluster.samples.push(SOURCE, {"STATUS.md": b"a test"}, "test: nothing fetches this", part="status")
    with synced.cluster.kube as kube:
        for name in ROOTS:
            kube.merge(path("Kustomization", name), {"spec": {"deletionPolicy": "Orphan"}})  # only they go: other tests follow
            kube.delete(path("Kustomization", name))
    for name in ROOTS:
        eventually(lambda: synced.get("Kustomization", name), lambda body: body is None, f"Kustomization {name} gone")  # noqa: B023
    assert commit not in str(synced.get("GitRepository", SOURCE))
    yield synced
    assert f"Deployment/flux-system/{CONTROLLER} (by unknown)" in synced.preview().printed
    assert f"Sets back Deployment/flux-system/{CONTROLLER}: spec.replicas (by unknown)" in synced.up().printed
    after = synced.gitops("status", "--stack", "dev", "--wait", "240")
    assert after.code == 0, after.printed


def test_a_controller_that_is_scaled_to_0_and_roots_that_are_gone_are_not_ready(broken: RunningStack) -> None:
    seen = broken.gitops("status", "--stack", "dev")
    assert seen.code == 1, seen.printed
    lines = {line.split()[2]: line for line in seen.printed.splitlines() if line.startswith(("Deployment ", "Kustomization "))}
    assert "it is scaled to 0, so nothing reconciles its objects" in lines[CONTROLLER]
    assert all("stack dev declares it, and the cluster lacks it: pulumi up" in lines[name] for name in ROOTS)
    assert "running" in lines["kustomize-controller"]
    (remedy,) = [line.partition("again, as `pulumi up` would: ")[2] for line in seen.printed.splitlines() if "again, as" in line]
    assert remedy.endswith(f" -n flux-system scale deployment {CONTROLLER} --replicas=1")
    assert "Compared with stack dev: 3 of 18 declared objects are missing." in seen.printed


def test_scripts_are_told_the_same(broken: RunningStack) -> None:
    document: dict[str, Any] = json.loads(broken.gitops("status", "--output", "json").printed)
    assert not document["allReady"]
    assert document["stack"] == "dev", "the stack whose file is for this cluster, without being named"
    reasons = {(each["kind"], each["name"]): each["reason"] for each in document["objects"] if each["ready"] == "no"}
    assert reasons["Deployment", CONTROLLER] == "ScaledToZero"
    assert {reasons["Kustomization", name] for name in ROOTS} == {"Missing"}


def test_without_a_stack_file_it_still_sees_the_controller_and_says_that_nothing_was_compared(broken: RunningStack) -> None:
    seen = broken.gitops("status", changes={"GITOPS_DEV_SERVER": None, "GITOPS_DEV_CONTEXT": None, "GITOPS_DEV_CA_SHA256": None})
    assert seen.code == 1
    assert "Not compared with a stack: no stack file here is for this cluster." in seen.printed


def test_a_wait_is_not_over_while_a_controller_does_not_run(broken: RunningStack) -> None:
    seen = broken.gitops("status", "--stack", "dev", "--wait", "3")
    assert seen.code == 1
    assert f"waiting for Deployment/flux-system/{CONTROLLER}" in seen.printed
