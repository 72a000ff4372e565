"""The few calls to the API server that the embedded cluster itself makes, on plain HTTP."""

import base64
import hashlib
import json
import ssl
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import yaml


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
        config = yaml.safe_load(path.read_text()) or {}
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
        return httpx.Client(base_url=self.server, verify=context, trust_env=False, timeout=timeout)


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
        answer = self._client.get(path)
        return None if answer.status_code == httpx.codes.NOT_FOUND else _json(answer)

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Create `body`."""
        return _json(self._client.post(path, json=body))

    def merge(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Merge `body` into the object at `path`."""
        return _json(self._client.patch(path, content=json.dumps(body), headers={"Content-Type": "application/merge-patch+json"}))

    def delete(self, path: str) -> None:
        """Delete the object at `path`; absent is fine."""
        answer = self._client.delete(path)
        if answer.status_code != httpx.codes.NOT_FOUND:
            _json(answer)

    def watch(self, path: str, version: str, seconds: int) -> Iterator[dict[str, Any]]:
        """Events on the list at `path` since `version`, for at most `seconds`."""
        query: dict[str, str | int] = {"watch": 1, "resourceVersion": version, "timeoutSeconds": seconds}
        timeout = httpx.Timeout(10.0, read=seconds + 10.0)
        with self._client.stream("GET", path, params=query, timeout=timeout) as answer:
            answer.raise_for_status()
            for line in answer.iter_lines():
                if line:
                    yield json.loads(line)


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


def _json(answer: httpx.Response) -> dict[str, Any]:
    answer.raise_for_status()
    found: dict[str, Any] = answer.json()
    return found


def _named(entries: list[dict[str, Any]] | None, name: str) -> dict[str, Any]:
    for entry in entries or []:
        if entry["name"] == name:
            return entry
    raise LookupError(f"the kubeconfig has no entry {name}")


def _content(holder: dict[str, Any], key: str) -> bytes:
    if f"{key}-data" in holder:
        return base64.b64decode(holder[f"{key}-data"])
    return Path(holder[key]).read_bytes()
