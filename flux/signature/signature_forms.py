"""The two forms in which a signature comes, and the fields of a bundle."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flux.any_shape import mapping, text
from flux.bounded_documents import json_object
from flux.signature.policy import A_BUNDLE, unreadable


@dataclass(frozen=True, kw_only=True)
class PayloadSignature:
    """cosign's first layout: a payload in a layer, and the signature of its bytes in the layer's annotations."""

    payload: bytes
    signature: bytes
    certificate: str | None = None
    """PEM of the person or workflow that signed without a key of their own."""
    log_entry: str | None = None
    """JSON: the transparency log's promise that it has the signature, without a proof."""


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """DSSE: https://github.com/secure-systems-lab/dsse/blob/master/protocol.md."""

    payload_type: str
    payload: bytes
    signatures: tuple[bytes, ...]

    def signed(self) -> bytes:
        """What the signatures are of."""
        kind = self.payload_type.encode()
        return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(self.payload), self.payload)


@dataclass(frozen=True, kw_only=True)
class BundleSignature:
    """A bundle of Sigstore: https://docs.sigstore.dev/about/bundle/."""

    content: bytes
    """The JSON."""

    def envelope(self) -> Envelope | None:
        """The envelope; None in a bundle with the signature of a file. Raises RejectedError for an odd one."""
        found = mapping(self._fields(), "dsseEnvelope")
        if not found:
            return None
        listed = found.get("signatures")
        signatures = tuple(decoded_base64(text(each, "sig")) for each in listed) if isinstance(listed, list) else ()
        kind = text(found, "payloadType") or ""
        if not kind.isascii():  # half of a surrogate pair has no bytes that could be signed
            raise unreadable()
        return Envelope(payload_type=kind, payload=decoded_base64(text(found, "payload")), signatures=signatures)

    def signature_of_file(self) -> bytes:
        """The signature in a bundle without an envelope. Raises RejectedError where there is none."""
        return decoded_base64(text(self._fields(), "messageSignature", "signature"))

    def has_certificate(self) -> bool:
        """Whether it was made without a key of one's own."""
        material = mapping(self._fields(), "verificationMaterial")
        return "certificate" in material or "x509CertificateChain" in material

    def _fields(self) -> Mapping[str, Any]:
        fields = json_object(self.content, A_BUNDLE)
        if fields is None:
            raise unreadable()
        return fields


AnySignature = PayloadSignature | BundleSignature


def decoded_base64(value: str | None) -> bytes:
    """The bytes; raises RejectedError for what is no base64, or nothing."""
    try:
        found = base64.b64decode((value or "").encode("ascii"), validate=True)
    except (ValueError, binascii.Error):
        raise unreadable() from None
    if not found:
        raise unreadable()
    return found
