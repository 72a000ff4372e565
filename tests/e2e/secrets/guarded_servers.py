"""Servers on loopback that let only some in, before the real Gitea: what companies put before theirs, and Gitea itself has not.

They check what Flux sends, and pass on what they let in. GitHub's API is a stand-in: GitHub cannot be had here.
"""

import base64
import contextlib
import json
import select
import socket
import socketserver
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256

from devcluster.machine.home import LOOPBACK
from devcluster.machine.server_certificate import ServerCertificate

GITHUB_API = "/api/v3"
_NOT_PASSED_ON = {"host", "authorization", "connection", "transfer-encoding", "content-length", "expect"}


def basic(username: str, password: str) -> str:
    """The header of a login."""
    return f"Basic {base64.b64encode(f'{username}:{password}'.encode()).decode()}"


class GuardedGitea:
    """Gitea over HTTPS, for whoever sends one of the headers in `accepted`, and a client's certificate if it asks for one."""

    def __init__(self, gitea: str, authorization: str, files: ServerCertificate, client_certificates: str = "") -> None:
        """Pass on to `gitea` as whom `authorization` says. `client_certificates` are PEM; without, nobody is asked for one."""
        self.accepted: set[str | None] = set()
        """Values of the header Authorization; None lets in whoever sends none."""
        self.app_keys: list[RSAPublicKey] = []
        """Public keys of the one GitHub App that may ask for a token."""
        self.app_token = ""
        """What it gets."""
        self.app_keys_seen: list[RSAPublicKey] = []
        """With which of its keys it asked, each time."""
        self.refused = 0
        """How many logins were not let in."""
        self.certificates_seen: list[str] = []
        """Common names of the clients' certificates, connection by connection: a certificate is shown once, when the connection is made."""
        self.authority = files.authority.read_text()
        self._upstream = httpx.Client(base_url=gitea, headers={"Authorization": authorization}, trust_env=False, timeout=60.0)
        self._server = ThreadingHTTPServer((LOOPBACK, 0), _handler_for(self))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(files.certificate, files.key)
        if client_certificates:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(cadata=client_certificates)
        # Shaken hands in the connection's own thread: a client that is refused must not stop the others.
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)

    @property
    def address(self) -> str:
        """Host and port."""
        return f"{LOOPBACK}:{self._server.server_address[1]}"

    @contextmanager
    def running(self) -> Iterator["GuardedGitea"]:
        """Serve until the end of the block."""
        with _serving(self._server), self._upstream:
            yield self

    def lets_in(self, authorization: str | None) -> bool:
        """Whether this header opens the door."""
        admitted = authorization in self.accepted
        # The first request to a registry comes without a login, to ask what is wanted.
        self.refused += 0 if admitted or authorization is None else 1
        return admitted

    def installation_token(self, authorization: str | None) -> str | None:
        """What GitHub answers an app that asks for the token of an installation: only one that signed for itself gets it."""
        with contextlib.suppress(ValueError):
            signed, _, signature = str(authorization).removeprefix("Bearer ").rpartition(".")
            if self._is_signed(signed.encode(), _decoded(signature)):
                return self.app_token
        self.refused += 1
        return None

    def _is_signed(self, signed: bytes, signature: bytes) -> bool:
        for key in self.app_keys:
            with contextlib.suppress(InvalidSignature):
                key.verify(signature, signed, PKCS1v15(), SHA256())
                self.app_keys_seen.append(key)
                return True
        return False

    def pass_on(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]:
        """Gitea's answer."""
        kept = {name: value for name, value in headers.items() if name.lower() not in _NOT_PASSED_ON}
        with self._upstream.stream(method, path, headers=kept, content=body) as answer:
            content = b"".join(answer.iter_raw())
            return answer.status_code, dict(answer.headers), content


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _handler_for(guarded: GuardedGitea) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle(self) -> None:
            if isinstance(self.connection, ssl.SSLSocket):
                self._shake_hands(self.connection)
            super().handle()

        def _shake_hands(self, connection: ssl.SSLSocket) -> None:
            connection.do_handshake()
            certificate: Any = connection.getpeercert()
            if certificate:
                guarded.certificates_seen.append(dict(pair for part in certificate["subject"] for pair in part)["commonName"])

        def _answer(self) -> None:
            body = self._body()
            authorization = self.headers.get("Authorization")
            if self.path.startswith(f"{GITHUB_API}/app/installations/"):
                self._answer_app(guarded.installation_token(authorization))
            elif not guarded.lets_in(authorization):
                self._send(401, {"WWW-Authenticate": 'Basic realm="guarded"'}, b"who are you?")
            else:
                self._send(*guarded.pass_on(self.command, self.path, dict(self.headers), body))

        do_GET = do_HEAD = do_POST = _answer  # noqa: N815 (the names that http.server looks for)

        def _answer_app(self, token: str | None) -> None:
            expires = (datetime.now(UTC) + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
            answer = json.dumps({"token": token, "expires_at": expires} if token else {"message": "Bad credentials"})
            self._send(201 if token else 401, {"Content-Type": "application/json"}, answer.encode())

        def _body(self) -> bytes:
            if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
                return self.rfile.read(int(self.headers.get("Content-Length") or 0))
            chunks = []
            while size := int(self.rfile.readline().split(b";")[0], 16):
                chunks.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(chunks)

        def _send(self, status: int, headers: Mapping[str, str], content: bytes) -> None:
            self.send_response(status)
            for name, value in headers.items():
                if name.lower() not in _NOT_PASSED_ON or (self.command == "HEAD" and name.lower() == "content-length"):
                    self.send_header(name, value)
            if self.command != "HEAD":
                self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Not to stderr."""

    return Handler


class LoginProxy:
    """A proxy that connects whoever sends one of the logins in `accepted`."""

    def __init__(self) -> None:
        self.accepted: set[str] = set()
        """Values of the header Proxy-Authorization."""
        self.connected: list[str] = []
        """Hosts and ports, in order."""
        self.refused = 0
        self._server = socketserver.ThreadingTCPServer((LOOPBACK, 0), _proxy_handler_for(self))
        self._server.daemon_threads = True

    @property
    def url(self) -> str:
        """What goes into the credential."""
        return f"http://{LOOPBACK}:{self._server.server_address[1]}"

    @contextmanager
    def running(self) -> Iterator["LoginProxy"]:
        """Serve until the end of the block."""
        with _serving(self._server):
            yield self


def _proxy_handler_for(proxy: LoginProxy) -> type[socketserver.StreamRequestHandler]:
    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            request = self.rfile.readline().decode().split()
            headers: dict[str, str] = {}
            while line := self.rfile.readline().decode().strip():
                name, _, value = line.partition(":")
                headers[name.lower()] = value.strip()
            if len(request) != 3 or request[0] != "CONNECT" or not request[1].startswith(f"{LOOPBACK}:"):
                self.wfile.write(b"HTTP/1.1 405 Only CONNECT to loopback\r\nContent-Length: 0\r\n\r\n")
            elif headers.get("proxy-authorization") not in proxy.accepted:
                proxy.refused += 1
                self.wfile.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
            else:
                proxy.connected.append(request[1])
                with socket.create_connection((LOOPBACK, int(request[1].rpartition(":")[2]))) as there:
                    self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
                    _join(self.connection, there)

    return Handler


def _join(here: socket.socket, there: socket.socket) -> None:
    other = {here: there, there: here}
    with contextlib.suppress(OSError):
        while True:
            for ready in select.select(list(other), [], [])[0]:
                data = ready.recv(65536)
                if not data:
                    return
                other[ready].sendall(data)


@contextmanager
def _serving(server: socketserver.BaseServer) -> Iterator[None]:
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()


def server_files(directory: Path) -> ServerCertificate:
    """A new authority, and a certificate for loopback that it signed."""
    made = ServerCertificate(authority=directory / "ca.crt", certificate=directory / "tls.crt", key=directory / "tls.key")
    made.ensure()
    return made
