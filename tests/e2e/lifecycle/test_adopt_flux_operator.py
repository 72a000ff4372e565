"""`gitops adopt` on a cluster of flux-operator, as the newer cluster-template has it: the operator and the FluxInstance by Helm.

The operator is a stand-in: a CRD with the name of its kind, objects with its labels and field manager, and for a deletion what
fluxinstance_uninstaller.go does where reconciling is disabled: it lets the FluxInstance go, and leaves everything behind. Both charts are
the test's own; the real helm installs and uninstalls them.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from flux.release.install_options import InstallOptions
from tests.e2e.lifecycle.adoption import (
    REPOSITORY,
    STACK,
    Adopting,
    adopting,
    as_yaml,
    kustomization,
    named,
    source,
    workload,
    written,
)
from tests.e2e.lifecycle.as_kubectl import as_kubectl
from tests.e2e.lifecycle.charts import helm_install
from tests.e2e.lifecycle.takeover import goes_on, measured, owned_alone
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


def test_it_is_taken_over_in_place(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> None:
    with adopting(tmp_path_factory, "gitops-operator") as made:
        by_the_operator(made, tmp_path)

        with operating(made) as removed, measured(made, "flux-operator (a stand-in)"):
            made.gitops("--output", ".", "--manifests", "./manifests/v2.9.4", expect=1)
            made.pulumi("stack", "init")
            titles = made.carry_out(lambda _: None)

        assert [title.partition(":")[0] for title in titles] == [
            "Set the stack's secrets, encrypted",
            "Stop flux-operator from reconciling the FluxInstance",
            "Delete the FluxInstance",
            "Remove flux-operator, which has nothing left to do",
            "Let the stack take everything over, in place",
            "Remove what only the hand-over needed",
        ]
        assert removed == [], "the operator would have removed Flux"
        assert as_kubectl(made.cluster, "helm list --namespace flux-system --short") == ""
        owned_alone(made)
        goes_on(made, source_name="flux-system")
        flux = written(made.clone / f"Pulumi.{STACK}.yaml")["config"]["gitops:flux"]
        assert flux["flags"] == {"helm-controller": {"feature-gates": ["OOMWatch=true"]}}


def by_the_operator(made: Adopting, folder: Path) -> None:
    files = {"cluster/apps.yaml": as_yaml(kustomization("cluster-apps", "./apps")), "apps/workload.yaml": as_yaml(workload("workload"))}
    made.cluster.samples.create(REPOSITORY, files)
    labels = {f"{GROUP}/name": "flux", f"{GROUP}/namespace": "flux-system", "app.kubernetes.io/managed-by": "flux-operator"}
    made.install("flux-operator", InstallOptions(flags={"helm-controller": {"feature-gates": ["OOMWatch=true"]}}), labels=labels)
    made.deploy_key()
    made.make(source("flux-system", made.git_url), "flux-operator", labels=labels)
    made.make(kustomization("flux-system", "./cluster"), "flux-operator", labels=labels)
    helm_install(made.cluster, folder, "flux-operator", [DEFINITION])
    with made.cluster.kube as kube, kube.credentials.client() as client:
        eventually(lambda: client.get(INSTANCES).is_success, bool, "FluxInstances are served")
    metadata = {**named("flux"), "finalizers": [f"{GROUP}/finalizer"]}
    instance = {"apiVersion": f"{GROUP}/v1", "kind": "FluxInstance", "metadata": metadata, "spec": {"distribution": {"version": "2.9.x"}}}
    helm_install(made.cluster, folder, "flux-instance", [instance])
    made.wait_for("Kustomization", "flux-system", "cluster-apps")


@contextmanager
def operating(made: Adopting) -> Iterator[list[str]]:
    """The operator: lets a deleted FluxInstance go. The list says whether it was to remove Flux before that."""
    removed: list[str] = []
    ended = threading.Event()

    def operate() -> None:
        with made.cluster.kube as kube:
            while not ended.wait(0.5):
                metadata = (kube.get(f"{INSTANCES}/flux") or {}).get("metadata", {})
                if "deletionTimestamp" in metadata:
                    if metadata.get("annotations", {}).get(f"{GROUP}/reconcile") != "disabled":
                        removed.append("flux")
                    kube.merge(f"{INSTANCES}/flux", {"metadata": {"finalizers": None}})

    thread = threading.Thread(target=operate, daemon=True)
    thread.start()
    try:
        yield removed
    finally:
        ended.set()
        thread.join()
