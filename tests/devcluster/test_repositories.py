"""The sample repositories are what Flux expects, and own nothing that the stack owns."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from devcluster.gitea.encrypted_files import APP_SECRET, CLUSTER_SECRETS
from devcluster.gitea.sample_repositories import ROOT_REPOSITORY, TREES

ROOT = TREES / ROOT_REPOSITORY
OWNED_KINDS = {"GitRepository", "HelmRepository", "OCIRepository", "Bucket"}
OWNED_NAMES = {
    ("Namespace", "flux-system"),
    ("Secret", "sops-age"),
    ("ConfigMap", "stack-vars"),
    *(("Kustomization", name) for name in ("cluster-vars", "cluster-apps", "argo-workflows")),
}


def bodies(directory: Path) -> list[tuple[Path, dict[str, Any]]]:
    return [(file, body) for file in sorted(directory.rglob("*.yaml")) for body in yaml.safe_load_all(file.read_text())]


def flux_kustomizations() -> list[dict[str, Any]]:
    return [body for file, body in bodies(ROOT) if file.name == "ks.yaml"]


def test_nothing_in_them_is_an_object_that_the_stack_owns() -> None:
    found = [(body["kind"], body.get("metadata", {}).get("name")) for _, body in bodies(TREES)]
    assert len(found) > 15
    assert not [pair for pair in found if pair[0] in OWNED_KINDS or pair in OWNED_NAMES]


def test_every_listed_file_exists_or_is_made_when_the_key_is_known() -> None:
    for file, body in bodies(ROOT):
        if file.name == "kustomization.yaml":
            for resource in body["resources"]:
                place = file.parent / resource
                assert place.exists() or str(place.relative_to(ROOT)) in (CLUSTER_SECRETS, APP_SECRET), f"{file}: {resource}"


def test_every_app_is_reached_from_the_root() -> None:
    listed = {
        (file.parent / resource).resolve()
        for file, body in bodies(ROOT / "kubernetes" / "apps")
        if file.name == "kustomization.yaml"
        for resource in body["resources"]
    }
    assert {file.resolve() for file in ROOT.rglob("ks.yaml")} <= listed


@pytest.mark.parametrize("body", flux_kustomizations(), ids=lambda body: str(body["metadata"]["name"]))
def test_every_app_is_synced_from_this_repository_and_waited_for(body: dict[str, Any]) -> None:
    spec = body["spec"]
    assert spec["sourceRef"] == {"kind": "GitRepository", "name": ROOT_REPOSITORY}
    assert spec["prune"] is True
    assert spec["wait"] is True
    assert (ROOT / spec["path"]).is_dir()
    assert spec["path"] == f"./kubernetes/apps/{spec['targetNamespace']}/{body['metadata']['name']}/app"


def test_variables_of_all_three_sources_are_used() -> None:
    text = "".join(file.read_text() for file in (ROOT / "kubernetes" / "apps").rglob("*.yaml"))
    for variable in ("${CLUSTER_DOMAIN}", "${TIMEZONE}", "${SECRET_ALERT_EMAIL}"):
        assert variable in text


def test_no_encrypted_file_is_committed_here() -> None:
    assert not list(TREES.rglob("*.sops.*")), "they are made at run time, for a key that only the cluster has"
