"""The signatures of an artifact that its registry has, in both layouts of cosign. Every answer is somebody else's.

The tag `sha256-<hex>.sig` is an image whose layers are payloads. Referrers are manifests that name the artifact as their subject; a
registry that does not list them has an index of them at the tag `sha256-<hex>`
(https://github.com/opencontainers/distribution-spec/blob/main/spec.md#listing-referrers).
"""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from flux.any_shape import entries, mapping, text
from flux.bounded_documents import Bounds, json_object
from flux.release.blob_store import digest_of
from flux.release.oci_registry import OciRegistry
from flux.sha256_digest import DIGEST
from flux.signature.policy import A_BUNDLE, RejectedError, refused, unreadable
from flux.signature.signature_forms import AnySignature, BundleSignature, PayloadSignature, decoded_base64
from flux.signature.signed_digest import A_PAYLOAD, SIGNED_BY_COSIGN

A_LIST = Bounds(size=1024**2)
"""A manifest or an index of signatures. One signature without a key takes 10 kB in it."""
MOST_SIGNATURES = 20
PAYLOAD_MEDIA_TYPE = "application/vnd.dev.cosign.simplesigning.v1+json"
BUNDLE_MEDIA_TYPE = "application/vnd.dev.sigstore.bundle"
"""The beginning of it: the version follows."""
SIGNATURE = "dev.cosignproject.cosign/signature"
CERTIFICATE = "dev.sigstore.cosign/certificate"
LOG_ENTRY = "dev.sigstore.cosign/bundle"
PREDICATE = "dev.sigstore.bundle.predicateType"
_MANIFEST = "application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json"
_INDEX = "application/vnd.oci.image.index.v1+json"


def signatures_of(registry: OciRegistry, digest: str) -> Iterator[AnySignature | RejectedError]:
    """Each signature, or why it is none; asked for one by one, so that nothing is fetched after the first that is accepted.

    Raises FluxInputError for more than `MOST_SIGNATURES` in a layout, and as the registry does.
    """
    tag = digest.replace(":", "-")
    yield from _in_the_tag(registry, f"manifests/{tag}.sig")
    yield from _referrers(registry, f"referrers/{digest}", f"manifests/{tag}")


def _in_the_tag(registry: OciRegistry, path: str) -> Iterator[AnySignature | RejectedError]:
    content = registry.find(path, A_LIST.size, _MANIFEST)
    if content is None:
        return
    manifest = json_object(content, A_LIST)
    if manifest is None:
        yield unreadable("the list of signatures")
        return
    layers = [layer for _, layer in entries(manifest, "layers") if text(layer, "mediaType") == PAYLOAD_MEDIA_TYPE]
    yield from _each(layers, partial(_of_layer, registry))


def _of_layer(registry: OciRegistry, layer: Mapping[str, Any]) -> AnySignature:
    annotations = mapping(layer, "annotations")
    signature = decoded_base64(text(annotations, SIGNATURE))
    return PayloadSignature(
        payload=_by_digest(registry, "blobs", text(layer, "digest"), A_PAYLOAD),
        signature=signature,
        certificate=text(annotations, CERTIFICATE),
        log_entry=text(annotations, LOG_ENTRY),
    )


def _referrers(registry: OciRegistry, path: str, fallback: str) -> Iterator[AnySignature | RejectedError]:
    content = registry.find(path, A_LIST.size, _INDEX)
    if content is None:
        content = registry.find(fallback, A_LIST.size, _INDEX)
    if content is None:
        return
    index = json_object(content, A_LIST)
    if index is None:
        yield unreadable("the list of signatures")
        return
    items = [item for _, item in entries(index, "manifests") if _could_be_signature(item)]
    yield from _each(items, partial(_of_referrer, registry))


def _could_be_signature(item: Mapping[str, Any]) -> bool:
    """Attestations stand in the same list, in the same form."""
    predicate = text(item, "annotations", PREDICATE)
    return (text(item, "artifactType") or "").startswith(BUNDLE_MEDIA_TYPE) and predicate in (None, SIGNED_BY_COSIGN)


def _of_referrer(registry: OciRegistry, item: Mapping[str, Any]) -> AnySignature:
    manifest = json_object(_by_digest(registry, "manifests", text(item, "digest"), A_LIST, _MANIFEST), A_LIST) or {}
    layers = [layer for _, layer in entries(manifest, "layers") if (text(layer, "mediaType") or "").startswith(BUNDLE_MEDIA_TYPE)]
    if not layers:
        raise unreadable()
    return BundleSignature(content=_by_digest(registry, "blobs", text(layers[0], "digest"), A_BUNDLE))


def _by_digest(registry: OciRegistry, kind: str, digest: str | None, bounds: Bounds, accept: str = "*/*") -> bytes:
    if digest is None or not DIGEST.fullmatch(digest):  # it becomes a path
        raise unreadable()
    content = registry.get(f"{kind}/{digest}", bounds.size, accept)
    if digest_of(content) != digest:
        raise RejectedError("the registry sent other bytes than it lists", "Ask the registry's operator, or name a mirror.")
    return content


def _each(listed: list[Mapping[str, Any]], read: Callable[[Mapping[str, Any]], AnySignature]) -> Iterator[AnySignature | RejectedError]:
    if len(listed) > MOST_SIGNATURES:
        raise refused(
            f"finds {len(listed)} signatures, and reads at most {MOST_SIGNATURES}",
            "Each would have to be fetched and checked.",
            "Remove the superfluous ones from the registry, or commit the right one: bundle.",
        )
    for item in listed:
        try:
            yield read(item)
        except RejectedError as error:
            yield error
