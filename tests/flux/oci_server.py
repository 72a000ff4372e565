"""A registry on loopback that serves one artifact, or serves it wrongly."""

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from tests.any_server import Answer, Request, any_server

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

    def answer(request: Request) -> Answer:
        registry.requests.append(request.path)
        if request.path.startswith("/token"):
            return Answer(body=json.dumps({"token": registry.token}).encode())
        if registry.token and request.headers.get("authorization") != f"Bearer {registry.token}":
            challenge = f'Bearer realm="http://{registry.address}/token",service="test",scope="repository:fluxcd/flux-manifests:pull"'
            return Answer(status=401, headers={"WWW-Authenticate": challenge})
        content = registry.content.get(request.path.removeprefix("/v2/fluxcd/flux-manifests/"))
        return Answer(status=404) if content is None else Answer(body=content)

    with any_server(answer) as server:
        registry.address = server.address
        yield registry
