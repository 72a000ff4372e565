"""What a stack declares and the cluster lacks, with the shipped stack files."""

from pathlib import Path

import pytest

from flux.release.distribution import DEFAULT_COMPONENTS
from gitops.status.collect import rows_of
from gitops.status.comparison import Comparison, Declared, compare
from gitops.status.row import Readiness
from live.access.target import Target, find_target
from tests.gitops.flux_objects import controller, flux_object, ready
from tests.shipped_stacks import CA, CONTEXT, SERVER, dev_environment, kubeconfig

KUSTOMIZATION = Declared(api_version="kustomize.toolkit.fluxcd.io/v1", kind="Kustomization", namespace="flux-system", name="cluster-apps")
DEPLOYMENT = Declared(api_version="apps/v1", kind="Deployment", namespace="flux-system", name="source-controller")
SOURCE = Declared(api_version="source.toolkit.fluxcd.io/v1", kind="GitRepository", namespace="flux-system", name="homelab-k8s2")
STACK = Comparison(stack="dev", objects=(DEPLOYMENT, KUSTOMIZATION, SOURCE))


def target(folder: Path, context: str = CONTEXT, server: str = SERVER, ca: bytes = CA) -> Target:
    return find_target(kubeconfig(folder, server=server, ca=ca, context=context), context)


@pytest.fixture(autouse=True)
def dev(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment of the dev stack."""
    for name, value in dev_environment(tmp_path).items():
        monkeypatch.setenv(name, value)


def test_what_is_declared_and_not_there_is_a_row_that_is_not_ready() -> None:
    rows = {str(row.reference): row for row in rows_of([flux_object("GitRepository", "homelab-k8s2", ready())], [], comparison=STACK)}
    lacking = rows["Kustomization/flux-system/cluster-apps"]
    assert (lacking.ready, lacking.reason, lacking.blocks) == (Readiness.NO, "Missing", True)
    assert lacking.message == "stack dev declares it, and the cluster lacks it: pulumi up"
    assert rows["Deployment/flux-system/source-controller"].message == "the Deployment does not exist, and stack dev declares it: pulumi up"
    assert STACK.summary([*rows.values()]) == "Compared with stack dev: 2 of 3 declared objects are missing."


def test_where_nothing_is_left_pulumi_up_brings_it_back_without_a_refresh() -> None:
    rows = rows_of([], [], comparison=STACK)
    assert {row.message for row in rows} == {
        "stack dev declares it, and the cluster lacks it: pulumi up",
        "the Deployment does not exist, and stack dev declares it: pulumi up",
    }
    assert STACK.summary(rows) == (
        "Compared with stack dev: the cluster has none of its 3 declared objects, as after `pulumi destroy`. "
        "To install them, run: pulumi up"
    )


def test_what_is_there_is_not_missing_whatever_its_state() -> None:
    objects = [flux_object("Kustomization", "cluster-apps"), flux_object("GitRepository", "homelab-k8s2")]
    rows = rows_of(objects, [controller("source-controller", replicas=0), controller("kustomize-controller")], comparison=STACK)
    assert not [row for row in rows if row.reason == "Missing"]
    assert STACK.summary(rows) == "Compared with stack dev: no Flux object or controller is missing."


def test_one_namespace_is_compared_with_what_is_declared_there() -> None:
    assert STACK.within("flux-system") == STACK
    assert STACK.within("media").summary([]) == "Not compared with a stack: stack dev declares nothing in namespace media."
    assert rows_of([], with_controllers=False, comparison=STACK.within("media")) == []


def test_the_stack_of_a_cluster_is_found_by_the_server_that_it_pins(tmp_path: Path) -> None:
    found = compare(None, target(tmp_path, "renamed-by-its-user"))
    assert found.stack == "dev", found.why_not
    names = {(each.kind, each.name) for each in found.objects}
    assert {("Deployment", name) for name in DEFAULT_COMPONENTS} <= names
    assert {("GitRepository", "homelab-k8s2"), ("Kustomization", "cluster-apps"), ("HelmRepository", "internal")} <= names
    assert not {kind for kind, _ in names} & {"Secret", "ConfigMap", "CustomResourceDefinition"}


def test_a_cluster_that_no_stack_file_is_for_is_not_compared(tmp_path: Path) -> None:
    found = compare(None, target(tmp_path, server="https://10.9.9.9:6443"))
    assert found.summary([]) == "Not compared with a stack: no stack file here is for this cluster."
    assert compare("dev", target(tmp_path, server="https://10.9.9.9:6443")).why_not == "Pulumi.dev.yaml is for another cluster"


def test_a_server_that_is_pinned_with_another_ca_is_another_cluster(tmp_path: Path) -> None:
    assert compare("dev", target(tmp_path, ca=b"of another cluster")).why_not == "Pulumi.dev.yaml is for another cluster"


def test_files_that_a_preview_would_refuse_are_not_compared_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GITOPS_DEV_GITEA_HTTPS")
    told = compare(None, target(tmp_path)).summary([])
    assert told.startswith("Not compared with a stack: the files of stack dev have ")
    assert told.endswith("; see: gitops doctor --stack dev.")


def test_a_stack_whose_manifests_only_a_registry_has_is_not_asked_for_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITOPS_CACHE", str(tmp_path / "empty"))
    monkeypatch.setattr("gitops.status.comparison._is_for", lambda stack, target: True)
    assert compare("production", target(tmp_path)).why_not == (
        "the manifests of stack production are not in the cache; a preview fetches them"
    )
