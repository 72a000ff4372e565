"""An API server that does not answer ends `up` with one message, before anything is registered."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml

from devcluster.machine.server_certificate import ServerCertificate
from live.access.api_server import UNREACHABLE_IS_MEANT, why_silent
from live.access.kubeconfig import ResolvedContext
from live.access.kubeconfig_parser import parse
from tests.engine import attempt, entry_point
from tests.shipped_stacks import dev, kubeconfig


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """None of the person who runs the tests."""
    for name in ("https_proxy", "http_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def reached(server: str, **cluster: object) -> ResolvedContext:
    clusters = [{"name": "lab", "cluster": {"server": server, **cluster}}]
    contexts = [{"name": "lab", "context": {"cluster": "lab"}}]
    return parse(yaml.safe_dump({"clusters": clusters, "contexts": contexts}), shown="KUBECONFIG").reached("lab")


@contextmanager
def listening(context: ssl.SSLContext | None) -> Iterator[str]:
    """A server on loopback that answers each connection with a handshake, if it has a context, and then hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    if context:
                        context.wrap_socket(connection, server_side=True).close()

        threading.Thread(target=answer, daemon=True).start()
        yield f"https://127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)


def unused_address() -> str:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    return f"https://127.0.0.1:{port}"


def test_a_server_that_shakes_hands_answers_whoever_signed_its_certificate(tmp_path: Path) -> None:
    files = ServerCertificate(authority=tmp_path / "ca", certificate=tmp_path / "crt", key=tmp_path / "key")
    files.ensure()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files.certificate, files.key)
    with listening(context) as server:
        assert why_silent(reached(server)) is None
        assert why_silent(reached(server, **{"tls-server-name": "kubernetes"})) is None


def test_a_port_that_nobody_listens_on_is_silent() -> None:
    server = unused_address()
    assert why_silent(reached(server)) == f"{server} does not answer (Connection refused)"


def test_a_balancer_with_nothing_behind_it_is_silent() -> None:
    with listening(None) as server:
        assert "does not answer" in str(why_silent(reached(server)))


def test_a_name_that_is_none_is_silent() -> None:
    assert "does not answer" in str(why_silent(reached("https://nowhere.invalid:6443")))


@pytest.mark.parametrize("name", UNREACHABLE_IS_MEANT)
def test_whoever_said_what_to_do_about_a_cluster_that_is_gone_is_not_asked(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "true")
    assert why_silent(reached(unused_address())) is None


def test_behind_a_proxy_nothing_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    assert why_silent(reached(unused_address(), **{"proxy-url": "http://127.0.0.1:9"})) is None
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    assert why_silent(reached(unused_address())) is None
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    assert why_silent(reached(unused_address())) is not None


@pytest.mark.parametrize("preview", [False, True])
def test_an_unreachable_api_server_stops_up_with_one_message_and_a_preview_not_at_all(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, preview: bool
) -> None:
    monkeypatch.setattr("stacks.inputs.stack_kubeconfig.why_silent", why_silent)
    server = unused_address()
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    environment = {"KUBECONFIG": str(kubeconfig(folder, server=server)), "GITOPS_DEV_SERVER": server}
    record = attempt(entry_point(), **dev(tmp_path, environment=environment, preview=preview))
    if preview:
        assert record.errors == ""
        return
    assert len(record.resources) == 1, "the stack, and nothing else"
    assert "1 problem; nothing was changed" in record.errors
    assert f"KUBECONFIG: {server} does not answer (Connection refused). Nothing could be changed." in record.errors
    assert "kubectl --context kwok-test get --raw /readyz" in record.errors
