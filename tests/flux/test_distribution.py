"""Flux's install manifests, in both of their layouts."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from flux.errors import FluxInputError
from flux.release.artifact_reference import MANIFESTS
from flux.release.distribution import COMPONENTS, component_of, namespace_object, read_distribution
from tests.manifests import VERSION, distribution, manifests_directory
from tests.messages import assert_well_formed

SHARED_FILES = ("policies", "rbac")


def documents() -> Iterator[tuple[str, dict[str, Any]]]:
    for file in sorted(manifests_directory().glob("*.yaml")):
        for body in yaml.load_all(file.read_bytes(), Loader=yaml.CSafeLoader):
            if body:
                yield file.stem, body


def as_one_file(folder: Path) -> Path:
    """The layout of `flux install --export`: a namespace and labels everywhere, all in one file."""
    bodies: list[dict[str, Any]] = [namespace_object(VERSION)]
    for stem, body in documents():
        labels = {"app.kubernetes.io/instance": "flux-system", "app.kubernetes.io/part-of": "flux", "app.kubernetes.io/version": VERSION}
        if stem not in SHARED_FILES:
            labels["app.kubernetes.io/component"] = stem
        body["metadata"]["labels"] = {**body["metadata"].get("labels", {}), **labels}
        if body["kind"] not in ("CustomResourceDefinition", "ClusterRole", "ClusterRoleBinding", "Namespace"):
            body["metadata"]["namespace"] = "flux-system"
        if body["kind"] == "Deployment":
            template = body["spec"]["template"]["metadata"]
            template["labels"] = {**template.get("labels", {}), **labels}
        bodies.append(body)
    folder.mkdir()
    (folder / "gotk-components.yaml").write_text(yaml.dump_all(bodies, Dumper=yaml.CSafeDumper))
    return folder


def test_both_layouts_become_the_same_objects(tmp_path: Path) -> None:
    one_file = read_distribution(as_one_file(tmp_path / "flux-system"))

    assert one_file == distribution()
    assert one_file.version == VERSION


def test_what_flux_makes_of_a_synced_directory_is_not_installed(tmp_path: Path) -> None:
    folder = as_one_file(tmp_path / "flux-system")
    sync = {"apiVersion": "source.toolkit.fluxcd.io/v1", "kind": "GitRepository", "metadata": {"name": "flux-system"}}
    (folder / "gotk-sync.yaml").write_text(yaml.safe_dump(sync))
    (folder / "kustomization.yaml").write_text("kind: Kustomization\nmetadata: {name: x}\nresources: [gotk-components.yaml]\n")

    assert read_distribution(folder) == distribution()


def test_every_object_carries_the_labels_that_the_flux_cli_looks_for() -> None:
    for body in distribution().objects:
        labels = body["metadata"]["labels"]
        assert labels["app.kubernetes.io/part-of"] == "flux"
        assert labels["app.kubernetes.io/instance"] == "flux-system"
        assert labels["app.kubernetes.io/version"] == VERSION


def test_pods_carry_the_labels_too_and_keep_those_that_the_selector_needs() -> None:
    deployments = [body for body in distribution().objects if body["kind"] == "Deployment"]

    assert len(deployments) == len(COMPONENTS)
    for body in deployments:
        labels = body["spec"]["template"]["metadata"]["labels"]
        assert body["spec"]["selector"]["matchLabels"].items() <= labels.items()
        assert labels["app.kubernetes.io/component"] == body["metadata"]["name"]


def test_every_controller_object_belongs_to_its_component_and_shared_ones_to_none() -> None:
    by_component: dict[str | None, set[str]] = {}
    for body in distribution().objects:
        by_component.setdefault(component_of(body), set()).add(body["kind"])

    assert set(by_component) == {*COMPONENTS, None}
    assert by_component[None] == {"ClusterRole", "ClusterRoleBinding", "NetworkPolicy", "ResourceQuota"}
    assert by_component["source-controller"] == {"CustomResourceDefinition", "Deployment", "Service", "ServiceAccount"}


def test_namespaced_objects_are_in_the_namespace_and_others_in_none() -> None:
    for body in distribution().objects:
        cluster_wide = body["kind"] in ("CustomResourceDefinition", "ClusterRole", "ClusterRoleBinding")
        assert body["metadata"].get("namespace") == (None if cluster_wide else "flux-system"), body["metadata"]["name"]
        assert "creationTimestamp" not in body["metadata"]
        assert "status" not in body


def test_the_order_of_objects_is_fixed() -> None:
    identities = [(body["kind"], body["metadata"].get("namespace", ""), body["metadata"]["name"]) for body in distribution().objects]

    assert identities == sorted(identities)
    assert len(identities) == len(set(identities))


def test_the_release_tells_the_api_version_of_each_kind() -> None:
    release = distribution()

    assert release.api_version("GitRepository") == "source.toolkit.fluxcd.io/v1"
    assert release.api_version("Kustomization") == "kustomize.toolkit.fluxcd.io/v1"
    assert release.api_version("Alert") == "notification.toolkit.fluxcd.io/v1beta3"
    assert release.api_version("Nothing") is None


@pytest.mark.parametrize("version", ["v2.7.5", "v2.8.8", "v2.9.4"])
def test_every_supported_release_is_understood(version: str) -> None:
    release = distribution(version)

    assert release.version == version
    assert {"GitRepository", "OCIRepository", "HelmRepository", "Kustomization", "HelmRelease"} <= {
        body["spec"]["names"]["kind"] for body in release.definitions()
    }


DEPLOYMENT = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: source-controller%s}\nspec: {template: {metadata: {}}}\n"


def test_the_version_comes_from_the_labels_before_the_name_of_the_directory(tmp_path: Path) -> None:
    folder = tmp_path / "v9.9.9"
    folder.mkdir()
    (folder / "a.yaml").write_text(DEPLOYMENT % ", labels: {app.kubernetes.io/version: v1.2.3}")

    assert read_distribution(folder).version == "v1.2.3"
    (folder / "a.yaml").write_text(DEPLOYMENT % "")
    assert read_distribution(folder).version == "v9.9.9"
    assert read_distribution(folder, version="v7.7.7").version == "v7.7.7"


def test_the_component_comes_from_the_label_before_the_name_of_the_file(tmp_path: Path) -> None:
    folder = tmp_path / "v1.0.0"
    folder.mkdir()
    (folder / "source-controller.yaml").write_text(DEPLOYMENT % "")
    (folder / "all.yaml").write_text("kind: Service\nmetadata: {name: b, labels: {app.kubernetes.io/component: helm-controller}}\n")
    (folder / "rbac.yaml").write_text("kind: ClusterRole\nmetadata: {name: c}\n")

    found = {body["kind"]: component_of(body) for body in read_distribution(folder).objects}

    assert found == {"Deployment": "source-controller", "Service": "helm-controller", "ClusterRole": None}


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, "holds no Deployment of a Flux controller"),
        ({"a.yaml": "kind: ConfigMap\nmetadata: {name: a}\n"}, "holds no Deployment of a Flux controller"),
        ({"a.yaml": DEPLOYMENT % ""}, "whose Flux version is unknown. Neither a label .* nor the directory's name states it"),
        ({"a.yaml": "kind: [unclosed"}, r"a\.yaml:2, which is not YAML"),
        (
            {
                "a.yaml": DEPLOYMENT % ", labels: {app.kubernetes.io/version: v1.0.0}",
                "b.yaml": DEPLOYMENT % ", labels: {app.kubernetes.io/version: v2.0.0}",
            },
            r"several Flux versions \(v1\.0\.0, v2\.0\.0\)",
        ),
    ],
    ids=["empty", "something else", "no version", "not YAML", "two versions"],
)
def test_a_directory_that_is_no_flux_release_is_refused(tmp_path: Path, files: dict[str, str], message: str) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text)

    with pytest.raises(FluxInputError, match=message) as caught:
        read_distribution(tmp_path)
    assert caught.value.path == MANIFESTS
    assert_well_formed(caught.value.message)


def test_a_directory_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(FluxInputError, match=f"names {re.escape(str(tmp_path / 'gone'))}, which is not a directory"):
        read_distribution(tmp_path / "gone")
