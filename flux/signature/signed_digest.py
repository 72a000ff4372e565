"""Which digest a signature is of. Read only of what was already found to be signed.

The payload: https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md#payloads; the statement:
https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass

from flux.any_shape import entries, text
from flux.bounded_documents import Bounds, json_object
from flux.release.artifact_reference import ArtifactReference, parse_reference
from flux.release.tested import MANIFESTS as PUBLISHED
from flux.sha256_digest import DIGEST
from flux.signature.policy import RejectedError, unreadable

A_PAYLOAD = Bounds(size=64 * 1024)
PAYLOAD_TYPE = "cosign container image signature"
STATEMENT_MEDIA_TYPE = "application/vnd.in-toto+json"
SIGNED_BY_COSIGN = "https://sigstore.dev/cosign/sign/v1"
"""The predicate of `cosign sign`. Attestations have others: who scanned an artifact, or listed its parts, did not vouch for it."""
_DOCKER_HUB = "index.docker.io"
"""What cosign writes for docker.io."""


@dataclass(frozen=True, kw_only=True)
class SignedFile:
    """What a bundle without an envelope may be the signature of."""

    digest: bytes
    """SHA-256 of it."""
    content: bytes | None = None
    """None where the digest alone is known."""


def check_payload(payload: bytes, digest: str) -> str | None:
    """How the payload calls the artifact. Raises RejectedError unless it is cosign's, and of `digest`."""
    fields = json_object(payload, A_PAYLOAD)
    if fields is None or text(fields, "critical", "type") != PAYLOAD_TYPE:
        raise unreadable("its payload")
    _check(text(fields, "critical", "image", "docker-manifest-digest"), digest)
    return text(fields, "critical", "identity", "docker-reference")


def check_statement(media_type: str, payload: bytes, digest: str) -> None:
    """Raises RejectedError unless the statement of an envelope is that of `cosign sign`, about `digest`."""
    fields = json_object(payload, A_PAYLOAD)
    if media_type != STATEMENT_MEDIA_TYPE or fields is None:
        raise unreadable("its statement")
    if text(fields, "predicateType") != SIGNED_BY_COSIGN:
        raise RejectedError("it is an attestation, not a signature", "Sign the artifact itself: cosign sign.")
    signed = [f"sha256:{text(subject, 'digest', 'sha256')}" for _, subject in entries(fields, "subject")]
    if digest not in signed:
        _check(signed[0] if signed else None, digest)


def signed_files(reference: ArtifactReference) -> Iterator[SignedFile]:
    """The artifact's manifest, and the payloads that cosign makes of the artifact's digest and a name of it.

    A bundle does not hold what it signs. So it is made of the digest that is pinned, and nothing else can be accepted for it.
    """
    digest = reference.digest or ""
    yield SignedFile(digest=bytes.fromhex(digest.removeprefix("sha256:")))
    published = parse_reference(PUBLISHED)
    for each in (reference, published):
        host = _DOCKER_HUB if each.registry == "docker.io" else each.registry
        payload = cosign_payload(f"{host}/{each.repository}", digest)
        yield SignedFile(digest=hashlib.sha256(payload).digest(), content=payload)


def cosign_payload(name: str, digest: str) -> bytes:
    """What `cosign sign` signs, byte by byte, if it is given no annotations."""
    critical = {"identity": {"docker-reference": name}, "image": {"docker-manifest-digest": digest}, "type": PAYLOAD_TYPE}
    return json.dumps({"critical": critical, "optional": None}, separators=(",", ":")).encode()


def _check(signed: str | None, digest: str) -> None:
    if signed == digest:
        return
    named = signed if signed and DIGEST.fullmatch(signed) else "something else"
    raise RejectedError(f"it is the signature of {named}", "Compare the digest with the one that the publisher names.")
