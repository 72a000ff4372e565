"""Signatures made without a key of one's own, as the Flux project signs its releases: sigstore-python verifies them.

It is imported where a stack says `matchOIDCIdentity`, and nowhere else: it takes 0.5 s.
"""

import base64
import json
import logging
from collections.abc import Callable, Iterable
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from flux.any_shape import at, text
from flux.bounded_documents import json_object
from flux.errors import FluxInputError
from flux.release.artifact_reference import ArtifactReference
from flux.short_text import one_line, trim
from flux.signature.certificate_identity import accepted_subject, issuer_of, subjects_of
from flux.signature.policy import A_BUNDLE, OidcIdentity, RejectedError, SignedBy, refused, unreadable
from flux.signature.signature_forms import AnySignature, PayloadSignature
from flux.signature.signed_digest import check_payload, check_statement, signed_files
from flux.signature.transparency_log import entry_of_bundle

if TYPE_CHECKING:
    from cryptography.x509 import Certificate
    from sigstore.models import Bundle, TrustedRoot
    from sigstore.verify import Verifier

_BUNDLE = "application/vnd.dev.sigstore.bundle.v0.3+json"
_LONGEST_SAID = 160
VerifiedT = TypeVar("VerifiedT")


class Keyless:
    """Accepts what one of several identities signed, as a Sigstore certifies it."""

    def __init__(self, identities: Iterable[OidcIdentity], trusted_root: Path | None) -> None:
        """`trusted_root`: None for that of the public Sigstore, which is asked for at the first signature."""
        self._identities = _Identities(identities)
        self._file = trusted_root

    def accept(self, signature: AnySignature, reference: ArtifactReference) -> SignedBy:
        """Who signed. Raises RejectedError, and FluxInputError where trusted root or transparency log cannot be had."""
        digest = reference.digest or ""
        if isinstance(signature, PayloadSignature):
            whole = _bundle(self._whole_bundle(signature))
            _verified(partial(self._verifier.verify_artifact, signature.payload, whole, self._identities))
            return SignedBy(who=self._identities.accepted, named=check_payload(signature.payload, digest))
        if not signature.has_certificate():
            raise _made_with_a_key()
        bundle = _bundle(signature.content)
        if signature.envelope():
            media_type, payload = _verified(partial(self._verifier.verify_dsse, bundle, self._identities))
            check_statement(media_type, payload, digest)
        else:
            self._check_file(bundle, reference)
        return SignedBy(who=self._identities.accepted)

    def _check_file(self, bundle: "Bundle", reference: ArtifactReference) -> None:
        from sigstore.hashes import Hashed
        from sigstore_models.common.v1 import HashAlgorithm

        rejected = unreadable()
        for each in signed_files(reference):
            hashed = Hashed(algorithm=HashAlgorithm.SHA2_256, digest=each.digest)
            try:
                _verified(partial(self._verifier.verify_artifact, hashed, bundle, self._identities))
            except RejectedError as error:
                rejected = error
            else:
                return
        raise rejected

    @cached_property
    def _root(self) -> "TrustedRoot":
        from sigstore.errors import Error
        from sigstore.models import ClientTrustConfig, TrustedRoot

        _quiet()
        if self._file is not None:
            try:
                return TrustedRoot.from_file(str(self._file))
            except (Error, ValueError, OSError):
                raise _no_root_in_file() from None
        try:
            return ClientTrustConfig.production().trusted_root
        except (Error, OSError) as error:
            raise refused(
                f"cannot be checked: Sigstore's trusted root cannot be fetched ({type(error).__name__})",
                "It is unknown which certificates and logs to trust.",
                "Check the network, or commit the trusted root: trustedRoot.",
            ) from None

    @cached_property
    def _verifier(self) -> "Verifier":
        from sigstore.errors import Error
        from sigstore.verify import Verifier

        root = self._root  # what cannot be fetched is no wrong file
        try:
            return Verifier(trusted_root=root)
        except (Error, ValueError):
            raise _no_root_in_file() from None

    def _whole_bundle(self, signature: PayloadSignature) -> bytes:
        """A bundle of what cosign's first layout has, and of the proof that the log has."""
        from cryptography.hazmat.primitives.serialization import Encoding
        from cryptography.x509 import load_pem_x509_certificate

        if signature.certificate is None:
            raise _made_with_a_key()
        promise = json_object(signature.log_entry or "", A_BUNDLE)
        index = at(promise, "Payload", "logIndex")
        if type(index) is not int or index < 0:
            raise RejectedError("it has no entry in a transparency log", "Sign the artifact again, with the log: cosign sign.")
        try:
            certificate = load_pem_x509_certificate(signature.certificate.encode()).public_bytes(Encoding.DER)
            log_id = bytes.fromhex(text(promise, "Payload", "logID") or "")
        except ValueError:
            raise unreadable() from None
        material = {"certificate": {"rawBytes": _base64(certificate)}, "tlogEntries": [entry_of_bundle(self._address_of(log_id), index)]}
        signed = {"signature": _base64(signature.signature)}
        return json.dumps({"mediaType": _BUNDLE, "verificationMaterial": material, "messageSignature": signed}).encode()

    def _address_of(self, log_id: bytes) -> str:
        # The only way that sigstore-python has to a log's address; its own command does the same.
        for log in self._root._inner.tlogs:
            if log.log_id.key_id == log_id:
                return str(log.base_url)
        raise RejectedError(
            "it stands in a transparency log that the trusted root does not have",
            "Use the trusted root of the Sigstore that signed it: trustedRoot.",
        )


class _Identities:
    """What sigstore-python calls a policy: asked about a certificate once its chain is verified."""

    def __init__(self, identities: Iterable[OidcIdentity]) -> None:
        self._identities = tuple(identities)
        self.accepted = ""

    def verify(self, cert: "Certificate") -> None:
        """Raise RejectedError unless one of the identities is the certificate's."""
        subject = accepted_subject(cert, self._identities)
        if subject is None:
            who, issuer = trim(", ".join(subjects_of(cert)), _LONGEST_SAID), trim(issuer_of(cert) or "nobody", _LONGEST_SAID)
            raise RejectedError(
                f"it was made by {who or 'nobody'} (issuer {issuer})",
                "Compare that with matchOIDCIdentity, and with what the publisher documents.",
            )
        self.accepted = f"{subject} (issuer {issuer_of(cert)})"


def _bundle(content: bytes) -> "Bundle":
    from sigstore.models import Bundle

    _quiet()
    return _verified(partial(Bundle.from_json, content), unreadable())


def _verified(verify: Callable[[], VerifiedT], otherwise: RejectedError | None = None) -> VerifiedT:
    """What `verify` returns; whatever else it raises is a rejection.

    sigstore-python raises more than its own errors for a bundle that was made to confuse it: what it has not thought of is not accepted.
    """
    try:
        return verify()
    except (RejectedError, FluxInputError):
        raise
    except Exception as error:
        reason = trim(one_line(str(error)), _LONGEST_SAID) or type(error).__name__
        raise otherwise or RejectedError(f"it is not valid ({reason})", "Check name and digest with: cosign verify") from None


def _made_with_a_key() -> RejectedError:
    return RejectedError("it was made with a key, and has no identity", "Write the public key instead: key.")


def _no_root_in_file() -> FluxInputError:
    return refused(
        "is not a trusted root of Sigstore",
        "No signature could be checked.",
        "Write one with: cosign trusted-root create --with-default-services",
        "trustedRoot",
    )


def _quiet() -> None:
    """What it and its libraries log holds texts of others, and would go to the terminal as they are."""
    for name in ("sigstore", "tuf", "urllib3"):
        logging.getLogger(name).setLevel(logging.CRITICAL)


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()
