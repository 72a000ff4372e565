"""The forwarder before Gitea: passes bytes on as they are, for a client that trusts the CA, on loopback, until it is asked to end."""

import http.server
import os
import signal
import socket
import socketserver
import ssl
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from devcluster.gitea.https_front import GiteaHttps
from devcluster.machine.home import LOOPBACK, Home
from devcluster.machine.processes import spawn
from devcluster.messages.errors import DevclusterError


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(directory=tmp_path / "home", name="unit")
    made.make()
    made.choose_ports()
    return made


@pytest.fixture
def https(home: Home) -> GiteaHttps:
    return GiteaHttps(home)


@pytest.fixture
def forwarder(https: GiteaHttps, home: Home) -> Iterator["subprocess.Popen[bytes]"]:
    """The program as the supervisor runs it."""
    https.prepare()
    process = spawn(https.command, environment=https.environment, log=home.logs / "gitea-https.log", directory=home.directory)
    yield process
    process.kill()
    process.wait()


class Healthy(http.server.BaseHTTPRequestHandler):
    """Plays Gitea: answers a GET with its path, and takes as long a POST as it gets."""

    def do_GET(self) -> None:
        self._answer(self.path.encode())

    def do_POST(self) -> None:
        self._answer(self.rfile.read(int(self.headers["Content-Length"]))[::-1])

    def _answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        """Keep quiet."""


@pytest.fixture
def gitea(home: Home) -> Iterator[None]:
    """A server at Gitea's plain port."""
    with socketserver.ThreadingTCPServer((LOOPBACK, home.port("gitea-http")), Healthy) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield
        server.shutdown()
        thread.join()


@pytest.mark.thorough
@pytest.mark.usefixtures("gitea", "forwarder")
def test_a_client_that_trusts_the_ca_gets_what_gitea_says(https: GiteaHttps, home: Home) -> None:
    https.wait_until_ready()
    trusting = ssl.create_default_context(cadata=https.authority)
    with httpx.Client(base_url=https.url, verify=trusting, trust_env=False) as client:
        assert client.get("/a/path?with=query").text == "/a/path?with=query"
        sent = os.urandom(3_000_000)
        assert client.post("/", content=sent).content == sent[::-1], "as many bytes as a push has, unchanged and in order"
    localhost = f"https://localhost:{home.port('gitea-https')}/"
    assert httpx.get(localhost, verify=trusting, trust_env=False).is_success


@pytest.mark.thorough
@pytest.mark.usefixtures("gitea", "forwarder")
def test_a_client_that_does_not_trust_the_ca_gets_nothing(https: GiteaHttps) -> None:
    https.wait_until_ready()
    with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        httpx.get(https.url, trust_env=False)


@pytest.mark.thorough
@pytest.mark.usefixtures("forwarder")
def test_while_gitea_is_away_a_connection_is_closed_and_the_forwarder_goes_on(
    https: GiteaHttps, home: Home, forwarder: "subprocess.Popen[bytes]", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("devcluster.gitea.https_front.READY_SECONDS", 0.7)
    with pytest.raises(DevclusterError, match=r"(?s)did not answer at https://127\.0\.0\.1:\d+ .*gitea-https\.log.*down --home"):
        https.wait_until_ready()
    assert forwarder.poll() is None
    assert "Traceback" not in (home.logs / "gitea-https.log").read_text()


@pytest.mark.thorough
@pytest.mark.usefixtures("gitea")
def test_it_listens_on_loopback_only_and_ends_when_asked_even_with_a_client_connected(
    https: GiteaHttps, home: Home, forwarder: "subprocess.Popen[bytes]"
) -> None:
    https.wait_until_ready()
    others = [str(found[4][0]) for found in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)]
    for address in {address for address in others if not address.startswith("127.")}:
        with socket.socket() as probe:
            assert probe.connect_ex((address, home.port("gitea-https"))) != 0, f"listens on {address}"
    trusting = ssl.create_default_context(cadata=https.authority)
    with (
        socket.create_connection((LOOPBACK, home.port("gitea-https"))) as plain,
        trusting.wrap_socket(plain, server_hostname=LOOPBACK),
    ):
        forwarder.send_signal(signal.SIGTERM)
        assert forwarder.wait(timeout=5) == 0
    assert "Traceback" not in (home.logs / "gitea-https.log").read_text()


def test_no_secret_is_in_the_command_line_and_the_certificate_lies_where_no_secrets_are(https: GiteaHttps, home: Home) -> None:
    https.prepare()
    assert not any("BEGIN" in argument for argument in https.command)
    assert "PRIVATE" not in https.authority
    assert {path.name for path in home.secrets.iterdir()} == {"gitea-tls.key"}
