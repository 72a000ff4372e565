"""What answers, and what does not, on loopback."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from gitops.doctor.check_result import State
from gitops.doctor.reach import FetchedRepository, cluster_check, forge_check, registry_check, why_silent
from tests.flux.oci_server import serving
from tests.gitops.check.git_server import bare_repository, served
from tests.shipped_stacks import CA, kubeconfig


@pytest.fixture
def listening() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield int(server.getsockname()[1])


def values(server: str, **more: str) -> dict[str, dict[str, str]]:
    return {"cluster": {"context": "there", "server": server, **more}}


def test_a_cluster_that_answers_is_ok_and_one_that_does_not_failed(listening: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server = f"https://127.0.0.1:{listening}"
    monkeypatch.setenv("KUBECONFIG", str(kubeconfig(tmp_path, server, CA, "there")))
    assert cluster_check(values(server)).state is State.OK
    monkeypatch.setattr("gitops.doctor.reach.why_silent", lambda _: "Connection refused")
    assert cluster_check(values(server)).state is State.FAILED


@pytest.mark.parametrize("pinned", [{"server": "https://elsewhere:6443"}, {"caSha256": "0" * 64}])
def test_another_cluster_than_the_stacks_is_failed(pinned: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", str(kubeconfig(tmp_path, "https://127.0.0.1:9", CA, "there")))
    check = cluster_check(values(**{"server": "https://127.0.0.1:9", **pinned}))
    assert check.state is State.FAILED
    assert check.message is not None
    assert check.message.wrong.startswith("is another cluster")


def test_a_kubeconfig_that_pulumi_would_not_find_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KUBECONFIG", raising=False)
    assert cluster_check(values("https://a")).state is State.MISSING
    assert cluster_check({"cluster": {"context": "a", "kubeconfig": "secret"}}).state is State.UNNEEDED
    assert cluster_check({}).state is State.UNNEEDED


def test_what_a_variable_that_is_not_set_would_give_is_not_asked() -> None:
    context, manifests = cluster_check({}, "GITOPS_DEV_CONTEXT"), registry_check({}, "GITOPS_DEV_MANIFESTS")
    assert context.found == "not asked: the stack file takes its context from GITOPS_DEV_CONTEXT, which is not set"
    assert manifests.found == "not asked: the stack file takes its manifests from GITOPS_DEV_MANIFESTS, which is not set"
    assert cluster_check({}).found == "not asked: the stack file names no context"


def test_a_registry_is_asked_for_the_very_artifact(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITOPS_CACHE", str(tmp_path))
    monkeypatch.delenv("GITOPS_FLUX_MANIFESTS", raising=False)
    with serving() as registry:
        digest = registry.add({"a.yaml": "a: 1"})
        reference = f"{registry.address}/fluxcd/flux-manifests:v2.9.4@"
        assert registry_check({"flux": {"manifests": reference + digest}}).state is State.OK
        assert registry_check({"flux": {"manifests": f"{reference}sha256:{'0' * 64}"}}).state is State.FAILED
    assert registry_check({"flux": {"manifests": reference + digest}}).state is State.FAILED
    assert registry_check({"flux": {"manifests": "./nowhere"}}).state is State.MISSING
    assert registry_check({"flux": {"manifests": "nö"}}).state is State.FAILED


@pytest.mark.thorough
def test_a_repository_that_shows_itself_is_ok_and_one_that_asks_for_a_login_only_with_one(tmp_path: Path) -> None:

    with served(bare_repository(tmp_path, {"a": "b"}), authorization="Basic x") as url:
        assert forge_check("it", [FetchedRepository(url=url, has_login=True)]).state is State.OK
        found = forge_check("it", [FetchedRepository(url=url, has_login=False)])
    assert found.state is State.WARNING
    assert found.message is not None
    assert "without a login (401)" in found.message.wrong


def test_a_git_server_that_is_away_is_a_warning(listening: int) -> None:
    assert forge_check("it", [FetchedRepository(url=f"ssh://git@127.0.0.1:{listening}/a", has_login=True)]).state is State.OK
    assert forge_check("it", [FetchedRepository(url="ssh://git@127.0.0.1:9/a", has_login=True)]).state is State.WARNING
    assert forge_check("it", [FetchedRepository(url="https://127.0.0.1:9/a", has_login=False)]).state is State.WARNING


def test_silence_has_a_reason() -> None:
    assert why_silent("https://127.0.0.1:9") == "Connection refused"
    assert why_silent("gopher://127.0.0.1") == "it has no port"
