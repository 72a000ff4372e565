"""`gitops adopt` on a cluster of the older cluster-template: Flux comes from an OCIRepository, by a Kustomization that the root applies."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from devcluster.gitea.gitea_server import ORGANISATION
from devcluster.machine.home import LOOPBACK
from flux.keys.age_identity import identity_from_seed
from flux.release.install_options import InstallOptions
from tests.e2e.lifecycle.adoption import (
    REPOSITORY,
    STACK,
    Adopting,
    adopting,
    as_yaml,
    installation,
    kustomization,
    named,
    source,
    workload,
    written,
)
from tests.e2e.lifecycle.takeover import goes_on, measured, owned_alone
from tests.e2e.running_stack import eventually

REST = {
    "README.md": b"fleet\n",
    "kubernetes/flux/apps.yaml": as_yaml(kustomization("cluster-apps", "./kubernetes/apps", "home-kubernetes")),
}
VARIABLES = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": named("cluster-settings"), "data": {"TIMEZONE": "Etc/UTC"}}


def test_it_is_taken_over_in_place_and_its_root_goes_on(tmp_path_factory: pytest.TempPathFactory) -> None:
    with adopting(tmp_path_factory, "gitops-template") as made:
        templated(made, tmp_path_factory.mktemp("manifests"))

        with measured(made, "the older cluster-template"):
            made.gitops("--output", ".", "--manifests", "./manifests/v2.9.4", "--derive-recipients", expect=1)
            made.pulumi("stack", "init")
            titles = made.carry_out(lambda _: out_of_git(made))

        assert [title.partition(":")[0] for title in titles] == [
            "Set the stack's secrets, encrypted",
            "Protect what leaves Git from pruning",
            "Let Kustomization flux, which applies Flux, leave everything behind when it is deleted",
            "Take it out of Git",
            "Let the stack take everything over, in place",
            "Remove what only the hand-over needed",
        ]
        assert made.stack.get("Kustomization", "flux") is None
        assert made.stack.get("OCIRepository", "flux-manifests") is None
        made.wait_for("Kustomization", "cluster", "cluster-apps")
        owned_alone(made)
        goes_on(made, "kubernetes/apps", "home-kubernetes")
        flux = written(made.clone / f"Pulumi.{STACK}.yaml")["config"]["gitops:flux"]
        assert flux["networkPolicy"] is False
        assert flux["flags"]["kustomize-controller"]["concurrent"] == 8


def templated(made: Adopting, folder: Path) -> None:
    """As the template's bootstrap leaves a cluster: Flux and the root by `kubectl apply --server-side`, and then by themselves."""
    (folder / "install.yaml").write_bytes(as_yaml(*installation()))
    made.cluster.samples.push_flux_artifact("flux-manifests", "v2.9.4", folder)
    shutil.rmtree(folder)
    registry = f"oci://{LOOPBACK}:{made.cluster.home.port('gitea-http')}/{ORGANISATION}/flux-manifests"
    root = kustomization(
        "cluster",
        "./kubernetes/flux",
        "home-kubernetes",
        interval="30m",
        wait=False,
        decryption={"provider": "sops", "secretRef": {"name": "sops-age"}},
        postBuild={"substituteFrom": [{"kind": "ConfigMap", "name": "cluster-settings"}]},
    )
    config = [source("home-kubernetes", made.git_url, "github-deploy-key"), root, *installing(registry)]
    made.cluster.samples.create(
        REPOSITORY,
        {"kubernetes/flux/vars/cluster-settings.yaml": as_yaml(VARIABLES), "kubernetes/apps/workload.yaml": as_yaml(workload("workload"))},
    )
    made.cluster.samples.push(
        REPOSITORY,
        REST
        | {
            "kubernetes/flux/config/cluster.yaml": as_yaml(*config[:2]),
            "kubernetes/flux/config/flux.yaml": as_yaml(*config[2:]),
            "kubernetes/flux/config/kustomization.yaml": b"resources: [cluster.yaml, flux.yaml]\n",
        },
        "feat: cluster",
        part="flux",
    )
    made.install("kubectl", InstallOptions(network_policy=False))
    made.deploy_key("github-deploy-key")
    age = {"age.agekey": identity_from_seed("an age key made for this test")}
    made.make({"apiVersion": "v1", "kind": "Secret", "metadata": named("sops-age"), "type": "Opaque", "stringData": age}, "kubectl-create")
    made.make(VARIABLES, "kubectl")
    for body in config:
        made.make(body, "kubectl")
    made.wait_for("Kustomization", "cluster", "flux", "cluster-apps")
    # These are the root's to delete, and not the stack's to keep.
    made.made = {path: uid for path, uid in made.made.items() if not path.endswith(("/kustomizations/flux", "/flux-manifests"))}
    eventually(lambda: settled(made), bool, "the patched Deployments are rolled out")


def settled(made: Adopting) -> bool:
    """Whether every Deployment has the pods of its newest template alone."""
    found = [made.stack.get("Deployment", name) or {} for name in made.templates()]
    is_rolled_out = all(
        each["status"].get("observedGeneration") == each["metadata"]["generation"]
        and each["status"].get("updatedReplicas") == each["status"].get("replicas") == each["status"].get("availableReplicas") == 1
        for each in found
    )
    return is_rolled_out and len(made.pods()) == len(found)


def installing(registry: str) -> list[dict[str, Any]]:
    """The template's flux.yaml: no network policies, and more work at once."""
    manifests = {
        "apiVersion": "source.toolkit.fluxcd.io/v1",
        "kind": "OCIRepository",
        "metadata": named("flux-manifests"),
        "spec": {"interval": "10m", "url": registry, "ref": {"tag": "v2.9.4"}, "insecure": True},
    }
    arguments = ("--concurrent=8", "--kube-api-qps=500", "--kube-api-burst=1000", "--requeue-dependency=5s")
    added = [{"op": "add", "path": "/spec/template/spec/containers/0/args/-", "value": each} for each in arguments]
    sized = {"kind": "Deployment", "name": "(kustomize|helm|source)-controller"}
    memory = {"name": "manager", "resources": {"limits": {"memory": "2Gi"}}}
    larger = {"spec": {"template": {"spec": {"containers": [memory]}}}}
    gone = {"$patch": "delete", "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"name": "any"}}
    patches = [
        {"patch": json.dumps(gone), "target": {"kind": "NetworkPolicy"}},
        {"patch": json.dumps(added), "target": sized},
        {"patch": json.dumps({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "any"}, **larger}), "target": sized},
    ]
    own = kustomization("flux", "./", wait=True, patches=patches, sourceRef={"kind": "OCIRepository", "name": "flux-manifests"})
    return [manifests, own]


def out_of_git(made: Adopting) -> None:
    made.cluster.samples.push(REPOSITORY, REST, "feat: flux is installed by a stack", part="flux")
    made.stack.reconcile("GitRepository", "home-kubernetes")
    made.stack.reconcile("Kustomization", "cluster")
    eventually(lambda: made.stack.get("Kustomization", "flux"), lambda found: found is None, "Kustomization/flux is gone")
