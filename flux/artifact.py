"""Flux's install manifests out of an OCI registry: pulled by digest, verified, kept."""

import hashlib
import io
import ipaddress
import json
import re
import tarfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flux.cache import cached_directory
from flux.errors import FluxInputError

if TYPE_CHECKING:
    import httpx

CONTENT_MEDIA_TYPE = "application/vnd.cncf.flux.content.v1.tar+gzip"
_INDEX_MEDIA_TYPES = ("application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json")
_MANIFEST_MEDIA_TYPES = ("application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json")
_REFERENCE = re.compile(
    r"^(?:oci://)?(?P<registry>[^/]+)/(?P<repository>[a-z0-9._/-]+?)(?::(?P<tag>[\w][\w.-]{0,127}))?(?:@(?P<digest>sha256:[0-9a-f]{64}))?$"
)
TIMEOUT_SECONDS = 30.0
LARGEST_LAYER_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class ArtifactReference:
    """`registry/repository:tag@sha256:…`; the digest decides, the tag is for people and Renovate."""

    registry: str
    repository: str
    tag: str | None
    digest: str

    def __str__(self) -> str:
        """As it stands in a stack file."""
        return f"{self.registry}/{self.repository}{f':{self.tag}' if self.tag else ''}@{self.digest}"


def parse_reference(text: str) -> ArtifactReference:
    """Parse an OCI reference; raises FluxInputError when it is none or lacks a digest."""
    match = _REFERENCE.match(text)
    if match is None:
        raise FluxInputError(
            f"flux.manifests: {text!r} is neither a directory nor an OCI artifact, so there is nothing to install. "
            f"Write it like ghcr.io/fluxcd/flux-manifests:v2.9.4@sha256:<64 hex digits>, or ./directory"
        )
    if match["digest"] is None:
        raise FluxInputError(
            f"flux.manifests: {text!r} has no digest, so what is installed could change without a change here. "
            f"Append @sha256:…; `docker buildx imagetools inspect {text}` prints it"
        )
    return ArtifactReference(registry=match["registry"], repository=match["repository"], tag=match["tag"], digest=match["digest"])


def pull_manifests(reference: ArtifactReference, cache: Path) -> Path:
    """Return a directory with the artifact's files, from `cache` when they are there already.

    The manifest and its layer are compared with their digests before anything is kept. Raises FluxInputError when the
    registry cannot be reached, does not have the artifact, or sends other bytes than the digest says.
    """
    name = f"{reference.tag or 'untagged'}-{reference.digest.removeprefix('sha256:')[:32]}"
    parent = cache / "flux-manifests"
    if (parent / name).is_dir():
        return parent / name
    parent.mkdir(parents=True, exist_ok=True)
    return cached_directory(parent, name, lambda directory: _pull(reference, directory))


def _pull(reference: ArtifactReference, directory: Path) -> None:
    import httpx  # only a first pull needs it, and it costs a tenth of a second

    scheme = "http" if _is_loopback(reference.registry) else "https"
    base = f"{scheme}://{reference.registry}/v2/{reference.repository}"
    try:
        with httpx.Client(timeout=TIMEOUT_SECONDS, follow_redirects=True) as client:
            headers = _anonymous_token(client, reference, base)
            manifest = _manifest(client, base, headers, reference, reference.digest)
            if inner := _digests(manifest, "manifests"):
                manifest = _manifest(client, base, headers, reference, inner[0])
            layers = _digests(manifest, "layers", CONTENT_MEDIA_TYPE)
            if not layers:
                raise FluxInputError(
                    f"flux.manifests: {reference} is no Flux artifact: it has no layer of type {CONTENT_MEDIA_TYPE}, "
                    f"so there is nothing to install. `flux push artifact` makes one"
                )
            content = _verified(client, f"{base}/blobs/{layers[0]}", headers, reference, layers[0])
    except httpx.HTTPError as error:
        raise FluxInputError(
            f"flux.manifests: {reference} is not in the cache and {reference.registry} could not be reached ({type(error).__name__}), "
            f"so it is unknown what would be installed. Check the network, or name a mirror or a directory"
        ) from error
    try:
        with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as archive:
            archive.extractall(directory, filter="data")
    except (tarfile.TarError, EOFError, zlib.error) as error:
        raise FluxInputError(
            f"flux.manifests: {reference} cannot be unpacked ({error}), so nothing is installed. Push it again: `flux push artifact`"
        ) from error


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
    accept = {**headers, "Accept": ", ".join(_INDEX_MEDIA_TYPES + _MANIFEST_MEDIA_TYPES)}
    content = _verified(client, f"{base}/manifests/{digest}", accept, reference, digest)
    try:
        manifest = json.loads(content)
    except ValueError:
        manifest = None
    if not isinstance(manifest, dict):
        raise FluxInputError(f"flux.manifests: {reference} is no OCI manifest, so there is nothing to install. Check its name and digest")
    return manifest


def _verified(client: "httpx.Client", url: str, headers: dict[str, str], reference: ArtifactReference, digest: str) -> bytes:
    with client.stream("GET", url, headers=headers) as response:
        if response.status_code != 200:
            raise FluxInputError(
                f"flux.manifests: {reference.registry} answered {response.status_code} for {reference}, so there is nothing to install. "
                f"Check the name and the digest; a private registry must be mirrored or unpacked into a directory"
            )
        content = bytearray()
        for chunk in response.iter_bytes():
            content += chunk
            if len(content) > LARGEST_LAYER_BYTES:
                raise FluxInputError(
                    f"flux.manifests: {reference} is larger than {LARGEST_LAYER_BYTES} bytes; that is no set of Flux manifests"
                )
    received = f"sha256:{hashlib.sha256(content).hexdigest()}"
    if received != digest:
        raise FluxInputError(
            f"flux.manifests: {reference.registry} sent {received} for {digest} of {reference}, so nothing of it is used. "
            f"If the registry is trusted and the new content is meant, write the new digest into the stack file"
        )
    return bytes(content)


def _anonymous_token(client: "httpx.Client", reference: ArtifactReference, base: str) -> dict[str, str]:
    challenge = client.get(f"{base}/manifests/{reference.digest}").headers.get("www-authenticate", "")
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
