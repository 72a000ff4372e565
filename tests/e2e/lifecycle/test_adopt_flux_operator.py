"""`gitops adopt` on a cluster of flux-operator, as the newer cluster-template has it: the operator and the FluxInstance by Helm.

The operator is a stand-in: a CRD with the name of its kind, objects with its labels and field manager, and for a deletion what
fluxinstance_uninstaller.go does where reconciling is disabled: it lets the FluxInstance go, and leaves everything behind.
"""

from typing import Any

import pytest

from flux.release.install_options import InstallOptions
from tests.e2e.lifecycle.adoption import (
    REPOSITORY,
    STACK,
    Adopting,
    adopting,
    as_yaml,
    kustomization,
    measured,
    named,
    owned_alone,
    source,
    workload,
    written,
)
from tests.e2e.lifecycle.objects import apply
from tests.e2e.running_stack import eventually

GROUP = "fluxcd.controlplane.io"
INSTANCES = f"/apis/{GROUP}/v1/namespaces/flux-system/fluxinstances"
DEFINITION = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": f"fluxinstances.{GROUP}"},
    "spec": {
        "group": GROUP,
        "names": {"kind": "FluxInstance", "plural": "fluxinstances", "singular": "fluxinstance", "listKind": "FluxInstanceList"},
        "scope": "Namespaced",
        "versions": [
            {
                "name": "v1",
                "served": True,
                "storage": True,
                "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}},
            }
        ],
    },
}


def test_it_is_taken_over_in_place(tmp_path_factory: pytest.TempPathFactory) -> None:
    with adopting(tmp_path_factory, "gitops-operator") as made:
        by_the_operator(made)

        with measured(made, "flux-operator (a stand-in)"):
            made.gitops("--output", ".", "--manifests", "./manifests/v2.9.4", expect=1)
            made.pulumi("stack", "init")
            titles = made.carry_out(lambda _: None, lambda release: uninstall(made, release))

        assert [title.partition(":")[0] for title in titles] == [
            "Set the stack's secrets, encrypted",
            "Stop flux-operator from reconciling the FluxInstance",
            "Delete the FluxInstance",
            "Remove flux-operator, which has nothing left to do",
            "Let the stack take everything over, in place",
            "Remove what was needed for the hand-over alone",
        ]
        owned_alone(made)
        flux = written(made.clone / f"Pulumi.{STACK}.yaml")["config"]["gitops:flux"]
        assert flux["flags"] == {"helm-controller": {"feature-gates": ["OOMWatch=true"]}}


def by_the_operator(made: Adopting) -> None:
    files = {"cluster/apps.yaml": as_yaml(kustomization("cluster-apps", "./apps")), "apps/workload.yaml": as_yaml(workload("workload"))}
    made.cluster.samples.create(REPOSITORY, files)
    labels = {f"{GROUP}/name": "flux", f"{GROUP}/namespace": "flux-system", "app.kubernetes.io/managed-by": "flux-operator"}
    made.install("flux-operator", InstallOptions(flags={"helm-controller": {"feature-gates": ["OOMWatch=true"]}}), labels=labels)
    made.deploy_key()
    made.make(source("flux-system", made.git_url), "flux-operator", labels=labels)
    made.make(kustomization("flux-system", "./cluster"), "flux-operator", labels=labels)
    apply(made.cluster, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", DEFINITION, "helm")
    with made.cluster.kube as kube, kube.credentials.client() as client:
        eventually(lambda: client.get(INSTANCES).is_success, bool, "FluxInstances are served")
    metadata: dict[str, Any] = {**named("flux"), "annotations": {"meta.helm.sh/release-name": "flux-instance"}}
    metadata["finalizers"] = [f"{GROUP}/finalizer"]
    instance = {"apiVersion": f"{GROUP}/v1", "kind": "FluxInstance", "metadata": metadata, "spec": {"distribution": {"version": "2.9.x"}}}
    apply(made.cluster, INSTANCES, instance, "helm")
    for release in ("flux-operator", "flux-instance"):
        made.helm_release(release)
    made.wait_for("Kustomization", "flux-system", "cluster-apps")


def uninstall(made: Adopting, release: str) -> None:
    """`helm uninstall`, and the operator."""
    with made.cluster.kube as kube, kube.credentials.client() as client:
        if release == "flux-instance":
            found = client.get(f"{INSTANCES}/flux").json()
            assert found["metadata"]["annotations"][f"{GROUP}/reconcile"] == "disabled", "the operator would remove Flux"
            client.delete(f"{INSTANCES}/flux").raise_for_status()
            kube.merge(f"{INSTANCES}/flux", {"metadata": {"finalizers": None}})
        client.delete(f"/api/v1/namespaces/flux-system/secrets/sh.helm.release.v1.{release}.v1").raise_for_status()
