"""A server that is not the one it should be is refused, and what a person reads says so; the right one, with a private CA, is synced."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gitops.status.row import Readiness, StatusRow
from tests.e2e.running_stack import RunningStack, changed_stack_file, eventually
from tests.e2e.secrets.conftest import current_keys
from tests.e2e.secrets.own_certificates import own_certificate

PRIVATE = "kuberay-images"
PUBLIC = "argo-workflows"


def _hosts(running: RunningStack, **changes: dict[str, Any]) -> dict[str, Any]:
    value = running.environment
    hosts = {
        "github": {"url": value["GITOPS_DEV_GITEA_SSH"], "knownHosts": value["GITOPS_DEV_GITEA_KNOWN_HOSTS"]},
        "gitea": {"url": value["GITOPS_DEV_GITEA_HTTPS"], "ca": value["GITOPS_DEV_GITEA_CA"]},
        "gitea-packages": {"url": value["GITOPS_DEV_GITEA_PACKAGES"]},
        "gitea-registry": {"url": value["GITOPS_DEV_GITEA_REGISTRY"]},
    }
    return {name: {**host, **changes.get(name, {})} for name, host in hosts.items()}


def _apply(running: RunningStack, folder: Path, **changes: dict[str, Any]) -> None:
    file = changed_stack_file(folder, hosts=_hosts(running, **changes), **current_keys(running))
    running.up("--config-file", file)


def _row(running: RunningStack, name: str, ready: Readiness) -> StatusRow:
    def look() -> StatusRow:
        return next(row for row in running.rows() if row.kind == "GitRepository" and row.name == name)

    return eventually(look, lambda row: row.ready is ready, f"GitRepository {name} {ready}")


@pytest.fixture
def restored(running: RunningStack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The right hosts again afterwards, and everything ready."""
    yield
    _apply(running, tmp_path_factory.mktemp("restored"))
    for name in ("homelab-k8s2", PRIVATE, PUBLIC):
        running.reconcile("GitRepository", name)
        _row(running, name, Readiness.YES)


@pytest.mark.usefixtures("restored")
def test_a_server_with_another_ssh_key_is_refused_and_the_status_says_so(running: RunningStack, tmp_path: Path) -> None:
    other = Ed25519PrivateKey.generate().public_key()
    line = other.public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH).decode()
    place = running.environment["GITOPS_DEV_GITEA_KNOWN_HOSTS"].partition(" ")[0]
    _apply(running, tmp_path, github={"knownHosts": f"{place} {line}"})
    running.ask_to_reconcile("GitRepository", "homelab-k8s2")
    row = _row(running, "homelab-k8s2", Readiness.NO)
    assert "knownhosts: key mismatch" in row.message, row.message


@pytest.mark.usefixtures("restored")
def test_a_server_whose_certificate_another_authority_signed_is_refused_and_the_status_says_so(
    running: RunningStack, tmp_path: Path
) -> None:
    _apply(running, tmp_path, gitea={"ca": own_certificate("another authority")[0]})
    for name in (PRIVATE, PUBLIC):
        running.ask_to_reconcile("GitRepository", name)
        row = _row(running, name, Readiness.NO)
        assert "certificate signed by unknown authority" in row.message, row.message


def test_a_private_repository_is_synced_over_https_with_a_private_authority_and_a_token(running: RunningStack, tmp_path: Path) -> None:
    _apply(running, tmp_path)
    found = running.reconcile("GitRepository", PRIVATE)
    assert found["spec"]["url"].startswith("https://")
    assert {"username", "password", "ca.crt"} <= running.secret(found["spec"]["secretRef"]["name"]).keys()
    row = _row(running, PRIVATE, Readiness.YES)
    assert row.revision == f"main@sha1:{running.cluster.samples.head(PRIVATE)}"


def test_a_public_repository_is_synced_over_https_with_a_private_authority_and_nothing_else(running: RunningStack, tmp_path: Path) -> None:
    _apply(running, tmp_path)
    found = running.reconcile("GitRepository", PUBLIC)
    assert found["spec"]["url"].startswith("https://")
    assert running.secret(found["spec"]["secretRef"]["name"]).keys() == {"ca.crt"}
    _row(running, PUBLIC, Readiness.YES)
