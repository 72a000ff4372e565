"""Flux's install manifests out of an OCI registry: pulled by digest, verified, kept."""

import hashlib
import io
import ipaddress
import json
import re
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flux.cache_directory import cached_directory
from flux.errors import FluxInputError
from flux.message import Message
from flux.release.artifact_reference import MANIFESTS, ArtifactReference

if TYPE_CHECKING:
    import httpx

CONTENT_MEDIA_TYPE = "application/vnd.cncf.flux.content.v1.tar+gzip"
_INDEX_MEDIA_TYPES = ("application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json")
_MANIFEST_MEDIA_TYPES = ("application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json")
_ACCEPT = {"Accept": ", ".join(_INDEX_MEDIA_TYPES + _MANIFEST_MEDIA_TYPES)}
TIMEOUT_SECONDS = 30.0
LARGEST_LAYER_BYTES = 64 * 1024 * 1024


def pull_manifests(reference: ArtifactReference, cache: Path) -> Path:
    """Return a directory with the artifact's files, from `cache` when they are there already.

    The manifest and its layer are compared with their digests before anything is kept. A tag without a digest is looked up in
    the registry first, at every call; its files are kept by the digest that it then has.
    Raises FluxInputError when the registry cannot be reached, does not have the artifact, or sends other bytes than the digest says.
    """
    digest = reference.digest or registry_digest(reference)
    pinned = replace(reference, digest=digest)
    kept = _kept(pinned, digest, cache)
    if kept.is_dir():
        return kept
    kept.parent.mkdir(parents=True, exist_ok=True)
    return cached_directory(kept.parent, kept.name, lambda directory: _pull(pinned, digest, directory))


def is_kept(reference: ArtifactReference, cache: Path) -> bool:
    """Whether `pull_manifests` would ask no registry."""
    return reference.digest is not None and _kept(reference, reference.digest, cache).is_dir()


def _kept(reference: ArtifactReference, digest: str, cache: Path) -> Path:
    return cache / "flux-manifests" / f"{reference.tag or 'untagged'}-{digest.removeprefix('sha256:')[:32]}"


def registry_digest(reference: ArtifactReference, *, seconds: float = TIMEOUT_SECONDS) -> str:
    """The digest of what the registry has now for the reference's own digest, else for its tag. Nothing is kept.

    Raises FluxInputError when the registry cannot be reached within `seconds`, or does not have it.
    """
    name = reference.digest or reference.tag
    with _connection(reference, f"manifests/{name}", seconds) as (client, base, headers):
        return _digest(_received(client, f"{base}/manifests/{name}", {**headers, **_ACCEPT}, reference))


@contextmanager
def _connection(
    reference: ArtifactReference, path: str, seconds: float = TIMEOUT_SECONDS
) -> Iterator[tuple["httpx.Client", str, dict[str, str]]]:
    """A client for the artifact's repository, its URL, and the headers that let read `path` of it."""
    import httpx  # only a first pull needs it, and it costs a tenth of a second

    scheme = "http" if _is_loopback(reference.registry) else "https"
    base = f"{scheme}://{reference.registry}/v2/{reference.repository}"
    try:
        with httpx.Client(timeout=seconds, follow_redirects=True) as client:
            yield client, base, _anonymous_token(client, reference, f"{base}/{path}")
    except httpx.HTTPError as error:
        raise _refused(
            f"{reference} is not in the cache, and {reference.registry} cannot be reached ({type(error).__name__})",
            "Nobody could tell what would be installed.",
            "Check the network, or name a mirror or a directory.",
        ) from error


def _pull(reference: ArtifactReference, digest: str, directory: Path) -> None:
    with _connection(reference, f"manifests/{digest}") as (client, base, headers):
        manifest = _manifest(client, base, headers, reference, digest)
        if inner := _digests(manifest, "manifests"):
            manifest = _manifest(client, base, headers, reference, inner[0])
        layers = _digests(manifest, "layers", CONTENT_MEDIA_TYPE)
        if not layers:
            wrong = f"{reference} is not a Flux artifact: it has no layer of type {CONTENT_MEDIA_TYPE}"
            raise _refused(wrong, "There is nothing to install.", "Name another, or make one: `flux push artifact`.")
        content = _verified(client, f"{base}/blobs/{layers[0]}", headers, reference, layers[0])
    try:
        with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as archive:
            archive.extractall(directory, filter="data")
    except (tarfile.TarError, EOFError, zlib.error) as error:
        wrong = f"{reference} cannot be unpacked ({error})"
        raise _refused(wrong, "There is nothing to install.", "Push it again: `flux push artifact`.") from error


def _digests(manifest: dict[str, Any], key: str, media_type: str | None = None) -> list[str]:
    """Digests of what a manifest lists under `key`, of one media type if given."""
    items = manifest.get(key)
    listed = [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
    chosen = [item.get("digest") for item in listed if media_type in (None, item.get("mediaType"))]
    return [digest for digest in chosen if isinstance(digest, str)]


def _is_loopback(registry: str) -> bool:
    host = registry.rsplit(":", 1)[0].strip("[]")
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _manifest(client: "httpx.Client", base: str, headers: dict[str, str], reference: ArtifactReference, digest: str) -> dict[str, Any]:
    content = _verified(client, f"{base}/manifests/{digest}", {**headers, **_ACCEPT}, reference, digest)
    try:
        manifest = json.loads(content)
    except ValueError:
        manifest = None
    if not isinstance(manifest, dict):
        raise _refused(f"{reference} is not an OCI manifest", "There is nothing to install.", "Check its name and digest.")
    return manifest


def _verified(client: "httpx.Client", url: str, headers: dict[str, str], reference: ArtifactReference, digest: str) -> bytes:
    content = _received(client, url, headers, reference)
    if (received := _digest(content)) != digest:
        raise _refused(
            f"{reference.registry} sent {received} for {digest} of {reference}",
            "Nothing of it is used.",
            "If you trust the registry and the new content, write the new digest into the stack file.",
        )
    return content


def _received(client: "httpx.Client", url: str, headers: dict[str, str], reference: ArtifactReference) -> bytes:
    with client.stream("GET", url, headers=headers) as response:
        if response.status_code != 200:
            raise _refused(
                f"{reference.registry} answered {response.status_code} for {reference}",
                "There is nothing to install.",
                "Check name, tag and digest. Mirror an artifact that needs a login, or unpack it into a directory.",
            )
        content = bytearray()
        for chunk in response.iter_bytes():
            content += chunk
            if len(content) > LARGEST_LAYER_BYTES:
                wrong = f"{reference} is larger than {LARGEST_LAYER_BYTES} bytes"
                raise _refused(wrong, "No set of Flux manifests is that large.", "Check its name and digest.")
    return bytes(content)


def _refused(wrong: str, consequence: str, fix: str) -> FluxInputError:
    return FluxInputError(Message(wrong, consequence, fix), MANIFESTS)


def _digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def _anonymous_token(client: "httpx.Client", reference: ArtifactReference, url: str) -> dict[str, str]:
    challenge = client.get(url).headers.get("www-authenticate", "")
    if not challenge.lower().startswith("bearer "):
        return {}
    fields = dict(re.findall(r'(\w+)="([^"]*)"', challenge))
    query = {"scope": fields.get("scope") or f"repository:{reference.repository}:pull"}
    if "service" in fields:
        query["service"] = fields["service"]
    answer = client.get(fields["realm"], params=query)
    if answer.status_code != 200:
        return {}
    body = answer.json()
    return {"Authorization": f"Bearer {body.get('token') or body.get('access_token')}"}
