"""One look at a cluster that runs Flux: what is read of it, and what is said where a role may not read it."""

import base64
from pathlib import Path
from typing import Any

import pytest

from live.access.target import find_target
from live.errors import LiveError
from live.flux_objects.running_flux import read_running_flux
from tests.gitops.api_server import FakeApiServer, serving, write_kubeconfig

MARKER = "hunter2" + "-marker"
SECRETS = "/api/v1/namespaces/flux-system/secrets"


def named(name: str, **more: Any) -> dict[str, Any]:
    return {"metadata": {"name": name, "namespace": "flux-system", **more}}


def a_cluster() -> FakeApiServer:
    source = {"kind": "GitRepository", **named("fleet"), "spec": {"url": "https://git.test/a.git", "secretRef": {"name": "login"}}}
    deployment = {"kind": "Deployment", **named("source-controller", labels={"app.kubernetes.io/part-of": "flux"})}
    empty: tuple[int, Any] = (200, {"metadata": {}, "items": []})
    password = base64.b64encode(MARKER.encode()).decode()
    answers: dict[str, tuple[int, Any]] = {
        "/version": (200, {"major": "1", "minor": "36+"}),
        "/apis/apiextensions.k8s.io/v1/customresourcedefinitions": empty,
        "/apis/fluxcd.controlplane.io/*": (404, {"message": "not found"}),
        "/apis/networking.k8s.io/*": empty,
        "/apis/rbac.authorization.k8s.io/*": empty,
        "/api/v1/namespaces/flux-system": (200, {"metadata": {"name": "flux-system"}}),
        SECRETS: (200, {"metadata": {}, "items": [named("sh.helm.release.v1.flux2.v1", labels={"owner": "helm", "name": "flux2"})]}),
        f"{SECRETS}/login": (200, {**named("login"), "data": {"username": "eW91", "password": password, "broken": "%"}}),
        f"{SECRETS}/sops-age": (404, {"message": "not found"}),
        **{f"/api/v1/namespaces/flux-system/{plural}": empty for plural in ("serviceaccounts", "services", "resourcequotas")},
    }
    return FakeApiServer(objects=[source, deployment], answers=answers)


def test_it_reads_objects_installation_releases_and_the_secrets_that_are_named(tmp_path: Path) -> None:
    with serving(a_cluster()) as server:
        found = read_running_flux(find_target(write_kubeconfig(tmp_path / "config", server.url), None))

    assert [str(each.reference) for each in found.objects] == ["GitRepository/flux-system/fleet"]
    assert [each.kind for each in found.installed] == ["Namespace", "Deployment"]
    assert (found.releases, found.kubernetes) == (("flux2",), "1.36")
    assert dict(found.secrets["login"].values) == {"username": "you", "password": MARKER}
    assert list(found.secrets) == ["login"]
    assert MARKER not in repr(found)
    assert base64.b64encode(MARKER.encode()).decode() not in repr(found)


def test_a_role_that_may_not_read_secrets_is_told_what_it_needs(tmp_path: Path) -> None:
    cluster = a_cluster()
    cluster.answers[f"{SECRETS}/login"] = (403, {"message": 'secrets "login" is forbidden'})
    with serving(cluster) as server, pytest.raises(LiveError, match='refuses: secrets "login" is forbidden') as raised:
        read_running_flux(find_target(write_kubeconfig(tmp_path / "config", server.url), None))
    assert "auth can-i --list -n flux-system" in str(raised.value)
