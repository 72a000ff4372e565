"""The few calls to the API server that the embedded cluster itself makes, on plain HTTP. Every answer is bounded."""

import base64
import hashlib
import json
import ssl
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import yaml

from flux.bounded_documents import Bounds, UnreadableError, only_document, only_object
from flux.bounded_pieces import Pieces

LARGEST_ANSWER = Bounds(size=64 * 1024 * 1024, levels=200)
"""A list of all Pods, or of all objects of a kind."""
MOST_VALUES = 2_000_000
ANSWER_SECONDS = 60.0
_A_KUBECONFIG = Bounds(size=10 * 1024 * 1024)


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """How to reach a cluster as its administrator."""

    server: str
    authority: bytes
    certificate: bytes
    key: bytes = field(repr=False)

    @classmethod
    def from_kubeconfig(cls, path: Path, context: str) -> "Credentials":
        """Read `context` of the kubeconfig in `path`. Raises LookupError when it lacks something."""
        config = only_document(path, _A_KUBECONFIG) or {}
        chosen = _named(config.get("contexts"), context)["context"]
        cluster = _named(config.get("clusters"), chosen["cluster"])["cluster"]
        user = _named(config.get("users"), chosen["user"])["user"]
        return cls(
            server=cluster["server"],
            authority=_content(cluster, "certificate-authority"),
            certificate=_content(user, "client-certificate"),
            key=_content(user, "client-key"),
        )

    @property
    def authority_sha256(self) -> str:
        """The SHA-256 of the CA certificate, in hex."""
        return hashlib.sha256(ssl.PEM_cert_to_DER_cert(self.authority.decode())).hexdigest()

    def kubeconfig(self, context: str) -> str:
        """A kubeconfig that refers to no other file."""
        encoded = {name: base64.b64encode(getattr(self, name)).decode() for name in ("authority", "certificate", "key")}
        return kubeconfig(
            context,
            {"server": self.server, "certificate-authority-data": encoded["authority"]},
            {"client-certificate-data": encoded["certificate"], "client-key-data": encoded["key"]},
        )

    def client(self, timeout: float | None = 10.0) -> httpx.Client:
        """A client that trusts this cluster's CA alone."""
        context = ssl.create_default_context(cadata=self.authority.decode())
        with tempfile.NamedTemporaryFile(prefix="devcluster-") as pem:  # mode 600; ssl reads files only
            pem.write(self.certificate + b"\n" + self.key)
            pem.flush()
            context.load_cert_chain(pem.name)
        # Not compressed: a bound counts the bytes that arrive.
        headers = {"Accept-Encoding": "identity"}
        return httpx.Client(base_url=self.server, verify=context, trust_env=False, timeout=timeout, headers=headers)


class Kube:
    """The API server. Use it as a context manager."""

    def __init__(self, credentials: Credentials) -> None:
        """Speak to the server that `credentials` name."""
        self.credentials = credentials
        self._client = credentials.client()

    def __enter__(self) -> "Kube":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End every connection, and with them a `watch` that another thread is in."""
        self._client.close()

    def get(self, path: str) -> dict[str, Any] | None:
        """The object or list at `path`; None when there is none, or no such kind yet."""
        return self._asked("GET", path)

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Create `body`."""
        return self._asked("POST", path, body, "application/json") or {}

    def merge(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Merge `body` into the object at `path`."""
        return self._asked("PATCH", path, body, "application/merge-patch+json") or {}

    def delete(self, path: str) -> None:
        """Delete the object at `path`; absent is fine."""
        self._asked("DELETE", path)

    def watch(self, path: str, version: str, seconds: int) -> Iterator[dict[str, Any]]:
        """Events on the list at `path` since `version`, for at most `seconds`."""
        query: dict[str, str | int] = {"watch": 1, "resourceVersion": version, "timeoutSeconds": seconds}
        timeout = httpx.Timeout(10.0, read=seconds + 10.0)
        with self._client.stream("GET", path, params=query, timeout=timeout) as answer:
            answer.raise_for_status()
            pieces = Pieces(LARGEST_ANSWER.size)
            with _odd_answers_told(path):
                for piece in answer.iter_bytes():
                    for line in pieces.lines(piece):
                        yield _object(line)
                if pieces.content.strip():
                    yield _object(pieces.content)

    def _asked(self, method: str, path: str, body: dict[str, Any] | None = None, content_type: str = "") -> dict[str, Any] | None:
        """What the server answers; None when there is nothing at `path`."""
        content, headers = (None, None) if body is None else (json.dumps(body), {"Content-Type": content_type})
        pieces, until = Pieces(LARGEST_ANSWER.size), time.monotonic() + ANSWER_SECONDS
        with self._client.stream(method, path, content=content, headers=headers) as answer:
            if answer.status_code == httpx.codes.NOT_FOUND and method in ("GET", "DELETE"):
                return None
            answer.raise_for_status()
            with _odd_answers_told(path):
                for piece in answer.iter_bytes():
                    pieces.add(piece)
                    if time.monotonic() > until:
                        raise httpx.ReadTimeout(f"the answer to {path} takes longer than {ANSWER_SECONDS:g} s")
                return _object(pieces.content)


def kubeconfig(context: str, cluster: dict[str, str], user: dict[str, str]) -> str:
    """The text of a kubeconfig with one context, its name given to its cluster and user too."""
    return yaml.safe_dump(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": context, "cluster": cluster}],
            "users": [{"name": context, "user": user}],
            "contexts": [{"name": context, "context": {"cluster": context, "user": context}}],
            "current-context": context,
        }
    )


@contextmanager
def _odd_answers_told(path: str) -> Iterator[None]:
    """An answer that is none is treated as one that never came: the caller waits for another."""
    try:
        yield
    except UnreadableError as error:
        raise httpx.RemoteProtocolError(f"the answer to {path} {error.wrong}") from None


def _object(content: bytes) -> dict[str, Any]:
    return only_object(content, LARGEST_ANSWER, most_values=MOST_VALUES)


def _named(entries: list[dict[str, Any]] | None, name: str) -> dict[str, Any]:
    for entry in entries or []:
        if entry["name"] == name:
            return entry
    raise LookupError(f"the kubeconfig has no entry {name}")


def _content(holder: dict[str, Any], key: str) -> bytes:
    if f"{key}-data" in holder:
        return base64.b64decode(holder[f"{key}-data"])
    return Path(holder[key]).read_bytes()
