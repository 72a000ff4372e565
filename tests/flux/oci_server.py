"""A registry on loopback that serves one artifact, or serves it wrongly."""

import gzip
import hashlib
import io
import json
import tarfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

FLUX_LAYER = "application/vnd.cncf.flux.content.v1.tar+gzip"
IMAGE_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
IMAGE_INDEX = "application/vnd.oci.image.index.v1+json"


def digest_of(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def tarball(files: Mapping[str, str]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, text in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(text.encode())
            archive.addfile(info, io.BytesIO(text.encode()))
    return gzip.compress(buffer.getvalue(), mtime=0)


class Registry:
    """Path below /v2/fluxcd/flux-manifests/ → what is sent for it."""

    def __init__(self) -> None:
        self.content: dict[str, bytes] = {}
        self.requests: list[str] = []
        self.token: str | None = None
        self.address = ""

    def add(self, files: Mapping[str, str], media_type: str = FLUX_LAYER) -> str:
        """Serve an artifact of these files; returns its digest."""
        return self.add_layer(tarball(files), media_type)

    def add_layer(self, layer: bytes, media_type: str = FLUX_LAYER) -> str:
        self.content[f"blobs/{digest_of(layer)}"] = layer
        return self.add_manifest({"mediaType": IMAGE_MANIFEST, "layers": [{"mediaType": media_type, "digest": digest_of(layer)}]})

    def add_manifest(self, manifest: Any) -> str:
        text = manifest if isinstance(manifest, bytes) else json.dumps({"schemaVersion": 2, **manifest}).encode()
        self.content[f"manifests/{digest_of(text)}"] = text
        return digest_of(text)

    def tag(self, name: str, digest: str) -> None:
        """Let `name` mean the manifest of this digest."""
        self.content[f"manifests/{name}"] = self.content[f"manifests/{digest}"]

    def swap(self, kind: str, content: bytes) -> None:
        """Send other bytes for the one manifest or blob there is."""
        (path,) = [path for path in self.content if path.startswith(kind)]
        self.content[path] = content


@contextmanager
def serving() -> Iterator[Registry]:
    registry = Registry()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            registry.requests.append(self.path)
            if self.path.startswith("/token"):
                self._send(200, json.dumps({"token": registry.token}).encode())
            elif registry.token and self.headers.get("Authorization") != f"Bearer {registry.token}":
                challenge = f'Bearer realm="http://{registry.address}/token",service="test",scope="repository:fluxcd/flux-manifests:pull"'
                self._send(401, b"", {"WWW-Authenticate": challenge})
            else:
                content = registry.content.get(self.path.removeprefix("/v2/fluxcd/flux-manifests/"))
                self._send(404 if content is None else 200, content or b"")

        def _send(self, status: int, content: bytes, headers: Mapping[str, str] | None = None) -> None:
            self.send_response(status)
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    registry.address = f"127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield registry
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
