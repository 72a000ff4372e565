"""Flux's install manifests out of an OCI registry: pulled by digest, verified, kept."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Literal

from flux.bounded_documents import Bounds, json_object
from flux.errors import FluxInputError
from flux.release.artifact_reference import ArtifactReference
from flux.release.blob_store import BlobStore, digest_of
from flux.release.docker_login import RegistryLogin
from flux.release.oci_registry import SILENT_SECONDS, OciRegistry, connected, refused
from flux.release.tarball import TarballError, yaml_files
from flux.sha256_digest import DIGEST

CONTENT_MEDIA_TYPE = "application/vnd.cncf.flux.content.v1.tar+gzip"
_INDEX_MEDIA_TYPES = ("application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json")
_MANIFEST_MEDIA_TYPES = ("application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json")
_ACCEPT = ", ".join(_INDEX_MEDIA_TYPES + _MANIFEST_MEDIA_TYPES)
LARGEST_MANIFEST_BYTES = 4 * 1024 * 1024
"""What the OCI distribution specification asks of a registry."""
LARGEST_LAYER_BYTES = 64 * 1024 * 1024
BlobKind = Literal["manifests", "blobs"]
_Fetch = Callable[[BlobKind, str, int], bytes]


def pull_manifests(reference: ArtifactReference, cache: Path) -> Mapping[str, bytes]:
    """Return the YAML files of the artifact by name, out of `cache` when they are there already.

    Manifest and layer are compared with their digests before anything is kept, and again whenever they are read from the cache. A
    tag without a digest is looked up in the registry first, at every call.
    Raises FluxInputError when the registry cannot be reached, does not have the artifact, sends other bytes than the digest says or
    a tarball that is not flat YAML files, or when the cache is not this user's alone.
    """
    reference = pinned(reference)
    store = BlobStore(cache)
    with suppress(_NotKeptError):
        return _files(reference, partial(_kept, store))
    with connected(reference) as registry:
        return _files(reference, partial(_fetched, store, registry))


def pinned(reference: ArtifactReference) -> ArtifactReference:
    """The reference with a digest: its own, else what the registry has now for its tag. Raises as `registry_digest`."""
    return replace(reference, digest=reference.digest or registry_digest(reference))


def is_kept(reference: ArtifactReference, cache: Path) -> bool:
    """Whether `pull_manifests` would ask no registry. The layer is hashed and not unpacked."""
    store = BlobStore(cache)
    try:
        return reference.digest is not None and store.has(_layer(reference, partial(_kept, store)), LARGEST_LAYER_BYTES)
    except (_NotKeptError, FluxInputError):
        return False


def registry_digest(reference: ArtifactReference, *, seconds: float = SILENT_SECONDS) -> str:
    """The digest of what the registry has now for the reference's own digest, else for its tag. Nothing is kept.

    Raises FluxInputError when the registry cannot be reached within `seconds`, or does not have it.
    """
    with connected(reference, seconds) as registry:
        return digest_of(registry.get(f"manifests/{reference.digest or reference.tag}", LARGEST_MANIFEST_BYTES, _ACCEPT))


def pull_layer(
    reference: ArtifactReference, media_type: str | None, login: RegistryLogin | None, *, seconds: float = SILENT_SECONDS
) -> tuple[str, bytes]:
    """The digest of any artifact, and its first layer, or the first one of `media_type`, as source-controller takes it. Nothing is kept.

    `login`: instead of Docker's. Raises FluxInputError as `pull_manifests`.
    """
    with connected(reference, seconds, login) as registry:
        content = registry.get(f"manifests/{reference.digest or reference.tag}", LARGEST_MANIFEST_BYTES, _ACCEPT)
        digest = reference.digest or digest_of(content)
        _as_named(registry, digest, content)

        def manifest_of(digest: str) -> bytes:
            return _as_named(registry, digest, registry.get(f"manifests/{digest}", LARGEST_MANIFEST_BYTES, _ACCEPT))

        if not (layers := _layers(reference, content, manifest_of, media_type)):
            wrong = f"{reference} has no layer{f' of type {media_type}' if media_type else ''}"
            raise refused(wrong, "There is nothing to apply.", "Correct layerSelector, or push it again: `flux push artifact`.")
        return digest, _as_named(registry, layers[0], registry.get(f"blobs/{layers[0]}", LARGEST_LAYER_BYTES))


class _NotKeptError(Exception):
    """A blob is not in the cache."""


def _kept(store: BlobStore, _: BlobKind, digest: str, largest: int) -> bytes:
    if (content := store.get(digest, largest)) is None:
        raise _NotKeptError
    return content


def _fetched(store: BlobStore, registry: OciRegistry, kind: BlobKind, digest: str, largest: int) -> bytes:
    """A blob of the cache, or of the registry, which is then kept."""
    with suppress(_NotKeptError):
        return _kept(store, kind, digest, largest)
    content = registry.get(f"{kind}/{digest}", largest, _ACCEPT if kind == "manifests" else "*/*")
    _as_named(registry, digest, content)
    store.put(content)
    return content


def _as_named(registry: OciRegistry, digest: str, content: bytes) -> bytes:
    """What was asked for; refused, where it is something else."""
    if (received := digest_of(content)) != digest:
        raise refused(
            f"{registry.reference.registry} sent {received} for {digest} of {registry.reference}",
            "It was not installed.",
            "If you trust the registry and the new content, write the new digest into the stack file.",
        )
    return content


def _files(reference: ArtifactReference, fetch: _Fetch) -> Mapping[str, bytes]:
    try:
        return yaml_files(fetch("blobs", _layer(reference, fetch), LARGEST_LAYER_BYTES))
    except TarballError as error:
        wrong = f"{reference} cannot be unpacked: {error}"
        raise refused(wrong, "There is nothing to install.", "Push it again: `flux push artifact`.") from error


def _layer(reference: ArtifactReference, fetch: _Fetch) -> str:
    """The digest of the layer with the files."""
    content = fetch("manifests", reference.digest or "", LARGEST_MANIFEST_BYTES)
    layers = _layers(reference, content, lambda digest: fetch("manifests", digest, LARGEST_MANIFEST_BYTES), CONTENT_MEDIA_TYPE)
    if not layers:
        wrong = f"{reference} is not a Flux artifact: it has no layer of type {CONTENT_MEDIA_TYPE}"
        raise refused(wrong, "There is nothing to install.", "Name another, or make one: `flux push artifact`.")
    return layers[0]


def _layers(reference: ArtifactReference, content: bytes, manifest_of: Callable[[str], bytes], media_type: str | None) -> list[str]:
    """The digests of the layers of a manifest; of an index, of the first manifest in it, which `manifest_of` gives."""
    manifest = _manifest(reference, content)
    if inner := _digests(manifest, "manifests"):
        manifest = _manifest(reference, manifest_of(inner[0]))
    return _digests(manifest, "layers", media_type)


def _manifest(reference: ArtifactReference, content: bytes) -> dict[str, Any]:
    manifest = json_object(content, Bounds(size=LARGEST_MANIFEST_BYTES))
    if manifest is None:
        raise refused(f"{reference} is not an OCI manifest", "There is nothing to install.", "Check its name and digest.")
    return manifest


def _digests(manifest: dict[str, Any], key: str, media_type: str | None = None) -> list[str]:
    """Digests of what a manifest lists under `key`, of one media type if given. Each becomes a path and a file's name."""
    items = manifest.get(key)
    listed = [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
    chosen = [item.get("digest") for item in listed if media_type in (None, item.get("mediaType"))]
    return [digest for digest in chosen if isinstance(digest, str) and DIGEST.fullmatch(digest)]
