import socket
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from gitops.status.collect import collect, reading
from gitops.status.row import Readiness
from live.access.target import find_target
from live.errors import LiveError, UnreachableError
from tests.gitops.api_server import TOKEN, FakeApiServer, serving, write_kubeconfig
from tests.gitops.flux_objects import CONTROLLERS, controller, flux_object, pod, ready


@pytest.fixture
def server() -> Iterator[FakeApiServer]:
    objects = [
        flux_object("Kustomization", "apps", ready()),
        flux_object("GitRepository", "homelab-k8s2", ready()),
        flux_object("GitRepository", "other", ready(), namespace="media"),
        flux_object("Receiver", "hook", ready()),
        flux_object("Alert", "alarm"),
        *map(controller, CONTROLLERS),
    ]
    with serving(FakeApiServer(objects=objects)) as running:
        yield running


@pytest.fixture
def kubeconfig(server: FakeApiServer, tmp_path: Path) -> Path:
    return write_kubeconfig(tmp_path / "config", server.url)


def test_every_flux_object_is_read_once_in_a_version_that_is_served(kubeconfig: Path) -> None:
    rows = [row for row in collect(kubeconfig, None) if not row.is_controller]
    assert [(row.api_version, str(row.reference)) for row in rows] == [
        ("source.toolkit.fluxcd.io/v1", "GitRepository/flux-system/homelab-k8s2"),
        ("source.toolkit.fluxcd.io/v1", "GitRepository/media/other"),
        ("kustomize.toolkit.fluxcd.io/v1", "Kustomization/flux-system/apps"),
        ("notification.toolkit.fluxcd.io/v1beta3", "Alert/flux-system/alarm"),
        ("notification.toolkit.fluxcd.io/v1", "Receiver/flux-system/hook"),
    ], "Alert is in no other version, and Receiver must not come twice"


def test_nothing_but_flux_is_asked_for(server: FakeApiServer, kubeconfig: Path) -> None:
    collect(kubeconfig, None)
    beyond = [urlsplit(target) for target in server.asked if "fluxcd.io" not in urlsplit(target).path and target != "/apis/"]
    assert {place.path for place in beyond} == {
        "/apis/apps/v1/namespaces/flux-system/deployments",
        "/api/v1/namespaces/flux-system/pods",
    }
    assert all("part-of%3Dflux" in place.query for place in beyond), "other people's Deployments and pods are none of its business"


def test_the_controllers_come_first_with_version_restarts_and_what_they_did_last(server: FakeApiServer, kubeconfig: Path) -> None:
    server.objects += [pod("source-controller", restarts=2), pod("helm-controller")]
    rows = collect(kubeconfig, None)[:4]
    assert [row.name for row in rows] == sorted(CONTROLLERS)
    assert all((row.kind, row.ready, row.revision) == ("Deployment", Readiness.YES, "v1.2.3") for row in rows)
    assert [row.restarts for row in rows] == [0, 0, 0, 2]
    assert rows[3].last_reconciled == datetime(2026, 11, 23, 12, 0, tzinfo=UTC), "that of its newest object"
    assert rows[0].last_reconciled is None, "helm-controller has no object here"


def test_pods_that_may_not_be_listed_are_no_error(server: FakeApiServer, kubeconfig: Path) -> None:
    server.answers["/api/v1/namespaces/flux-system/pods"] = (403, {"message": "cannot list pods"})
    assert [row.restarts for row in collect(kubeconfig, None) if row.is_controller] == [None] * 4


def test_deployments_that_may_not_be_listed_are_an_error_not_a_gap(server: FakeApiServer, kubeconfig: Path) -> None:
    server.answers["/apis/apps/v1/namespaces/flux-system/deployments"] = (403, {"message": "cannot list deployments"})
    with pytest.raises(LiveError, match="cannot list deployments"):
        collect(kubeconfig, None)
    assert collect(kubeconfig, None, "media"), "whoever may see one namespace alone sees its objects"


def test_controllers_in_another_namespace_are_found(server: FakeApiServer, kubeconfig: Path) -> None:
    for body in server.objects:
        if body["kind"] == "Deployment":
            body["metadata"]["namespace"] = "gitops"
    assert {row.namespace for row in collect(kubeconfig, None) if row.is_controller} == {"gitops"}


def test_one_namespace_is_all_that_is_read(kubeconfig: Path) -> None:
    assert [row.name for row in collect(kubeconfig, None, "media")] == ["other"]
    assert collect(kubeconfig, None, "empty") == []


def test_a_list_of_several_pages_is_read_to_its_end(server: FakeApiServer, kubeconfig: Path) -> None:
    server.page = 2
    server.objects += [flux_object("Kustomization", f"k{number}", ready()) for number in range(6)]
    assert len([row for row in collect(kubeconfig, None) if row.kind == "Kustomization"]) == 7


def test_a_kind_that_goes_while_it_is_read_is_left_out(server: FakeApiServer, kubeconfig: Path) -> None:
    server.answers["/apis/kustomize.toolkit.fluxcd.io/v1/kustomizations"] = (404, {"message": "gone"})
    assert {row.kind for row in collect(kubeconfig, None)} == {"Deployment", "GitRepository", "Receiver", "Alert"}


def test_a_version_that_is_listed_before_it_is_served_is_left_out(server: FakeApiServer, kubeconfig: Path) -> None:
    server.answers["/apis/notification.toolkit.fluxcd.io/v1"] = (404, {"message": "not yet"})
    assert "Alert" in {row.kind for row in collect(kubeconfig, None)}


def test_one_connection_serves_many_readings(server: FakeApiServer, kubeconfig: Path) -> None:
    with reading(find_target(kubeconfig, None)) as read:
        assert read()[4].ready is Readiness.YES
        server.objects[1] = flux_object("GitRepository", "homelab-k8s2")
        assert read()[4].ready is Readiness.UNKNOWN


def test_a_cluster_without_flux_is_told_from_one_that_is_ready(server: FakeApiServer, kubeconfig: Path) -> None:
    server.plurals = {"apps/v1": {"deployments": "Deployment"}}
    with pytest.raises(LiveError, match=r"http://127.*: Flux is not installed: .*Run: pulumi up"):
        collect(kubeconfig, None)


def test_a_closed_port_is_an_unreachable_cluster(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    kubeconfig = write_kubeconfig(tmp_path / "config", f"https://127.0.0.1:{port}")
    with pytest.raises(
        UnreachableError, match=rf"127.0.0.1:{port} .*cannot be reached: Failed to establish.* refused\. .*make demo.*cluster-info$"
    ):
        collect(kubeconfig, None)


def test_a_loopback_server_is_asked_directly_whatever_proxy_is_set(kubeconfig: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    assert collect(kubeconfig, None)


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (401, {"message": "Unauthorized"}, r"does not accept the credentials \(401\)\. .*auth whoami"),
        (403, {"message": "User bob cannot list"}, r"refuses: User bob cannot list\. .*auth can-i list"),
        (500, {"message": "etcdserver: no leader"}, r"cannot be reached: 500 etcdserver: no leader"),
        (404, "<html>nothing here</html>", r"answers, but not as a Kubernetes API server does \(404 "),
        (200, "<html>welcome</html>", r"answers, but not as a Kubernetes API server does"),
        (200, {"hello": "world"}, r"answers, but not as a Kubernetes API server does"),
    ],
)
def test_a_refusal_is_one_text_without_headers_or_token(
    server: FakeApiServer, kubeconfig: Path, status: int, body: object, said: str
) -> None:
    server.answers["/apis*"] = (status, body)
    with pytest.raises(LiveError, match=said) as caught:
        collect(kubeconfig, None)
    assert TOKEN not in str(caught.value)
    assert "Content-Type" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_kind_that_may_not_be_listed_is_an_error_not_a_gap(server: FakeApiServer, kubeconfig: Path) -> None:
    server.answers["/apis/kustomize.toolkit.fluxcd.io/v1/kustomizations"] = (403, {"message": "cannot list kustomizations"})
    with pytest.raises(LiveError, match="cannot list kustomizations"):
        collect(kubeconfig, None)


def exec_user(code: str) -> dict[str, object]:
    command = {"apiVersion": "client.authentication.k8s.io/v1", "command": sys.executable, "args": ["-c", code], "interactiveMode": "Never"}
    return {"exec": command}


@pytest.mark.thorough
def test_an_exec_plugin_gives_the_token_and_runs_once_for_many_readings(server: FakeApiServer, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    code = f"""open({str(ran)!r}, "a").write("x"); import json
print(json.dumps({{"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": {{"token": "t"}}}}))"""
    with reading(find_target(write_kubeconfig(tmp_path / "config", server.url, user=exec_user(code)), None)) as read:
        assert read() == read()
    assert ran.read_text() == "x"


def test_what_an_exec_plugin_complains_about_is_part_of_the_refusal(
    server: FakeApiServer, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    server.answers["/apis*"] = (401, {"message": "Unauthorized"})
    kubeconfig = write_kubeconfig(tmp_path / "config", server.url, user=exec_user("import sys; sys.exit('your session has expired')"))
    with pytest.raises(LiveError, match=r"Logging in said: exec: process returned 1. your session has expired"):
        collect(kubeconfig, None)
    assert capfd.readouterr().err == "", "the client library's own logging stays off the terminal"


@pytest.mark.parametrize(
    ("user", "said"),
    [
        (
            {"client-certificate": "gone.crt", "client-key": "gone.key"},
            r"names \S+gone.crt as client-certificate, which cannot be read \(No such file or directory\)\.",
        ),
        ({"exec": {"args": [TOKEN]}}, "."),
        ({"token": TOKEN, "username": TOKEN, "exec": TOKEN}, "."),
        ({"auth-provider": {"name": "gcp", "config": {"cmd-path": "/none", "cmd-args": TOKEN, "access-token": TOKEN, "expiry": "x"}}}, "."),
        ({"auth-provider": {"name": "oidc", "config": {"secret": TOKEN}}}, "."),
    ],
)
def test_broken_credentials_are_not_quoted(server: FakeApiServer, tmp_path: Path, user: dict[str, object], said: str) -> None:
    server.answers["/apis*"] = (401, {"message": "Unauthorized"})
    address = server.url.replace("http:", "https:") if "client-certificate" in user else server.url
    with pytest.raises(LiveError, match=said) as caught:
        collect(write_kubeconfig(tmp_path / "config", address, user=user), None)
    assert TOKEN not in str(caught.value)
