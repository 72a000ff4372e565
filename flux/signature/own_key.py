"""Signatures made with a key of one's own: `cosign sign --key`. As in Flux, no transparency log is asked about them."""

from contextlib import suppress
from typing import TYPE_CHECKING, TypeAlias

from flux.release.artifact_reference import ArtifactReference
from flux.signature.policy import RejectedError, SignedBy
from flux.signature.signature_forms import AnySignature, PayloadSignature
from flux.signature.signed_digest import SignedFile, check_payload, check_statement, signed_files

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

    PublicKey: TypeAlias = EllipticCurvePublicKey | Ed25519PublicKey | RSAPublicKey

KINDS_OF_KEYS = "ECDSA (P-256, P-384 or P-521), Ed25519, or RSA of at least 2048 bits"
_SMALLEST_RSA = 2048
_CURVES = ("secp256r1", "secp384r1", "secp521r1")


def public_key(pem: bytes) -> "PublicKey | None":
    """The key; None for what is none, or of a kind that cosign does not make."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        key = load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm):
        return None
    if isinstance(key, ed25519.Ed25519PublicKey):
        return key
    if isinstance(key, ec.EllipticCurvePublicKey):
        return key if key.curve.name in _CURVES else None
    return key if isinstance(key, rsa.RSAPublicKey) and key.key_size >= _SMALLEST_RSA else None


class OwnKey:
    """Accepts what was signed with one key."""

    def __init__(self, key: "PublicKey") -> None:
        self._key = key

    def accept(self, signature: AnySignature, reference: ArtifactReference) -> SignedBy:
        """Who signed. Raises RejectedError."""
        digest = reference.digest or ""
        if isinstance(signature, PayloadSignature):
            self._check(signature.signature, signature.payload)
            return _with_the_key(check_payload(signature.payload, digest))
        if envelope := signature.envelope():
            self._check_any(envelope.signatures, envelope.signed())
            check_statement(envelope.payload_type, envelope.payload, digest)
            return _with_the_key()
        of_file = signature.signature_of_file()
        for each in signed_files(reference):
            if self._is_of(of_file, each):
                return _with_the_key()
        raise _not_this_key()

    def _check_any(self, signatures: tuple[bytes, ...], signed: bytes) -> None:
        for each in signatures[:10]:
            with suppress(RejectedError):
                return self._check(each, signed)
        raise _not_this_key()

    def _check(self, signature: bytes, signed: bytes) -> None:
        import hashlib

        if not self._is_of(signature, SignedFile(digest=hashlib.sha256(signed).digest(), content=signed)):
            raise _not_this_key()

    def _is_of(self, signature: bytes, signed: SignedFile) -> bool:
        """Cosign hashes with SHA-256 whatever the curve or the size of the key."""
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, utils
        from cryptography.hazmat.primitives.hashes import SHA256

        digested = utils.Prehashed(SHA256())
        try:
            if isinstance(self._key, ed25519.Ed25519PublicKey):
                if signed.content is None:  # it signs a content, not its digest
                    return False
                self._key.verify(signature, signed.content)
            elif isinstance(self._key, ec.EllipticCurvePublicKey):
                self._key.verify(signature, signed.digest, ec.ECDSA(digested))
            else:
                self._key.verify(signature, signed.digest, padding.PKCS1v15(), digested)
        except InvalidSignature:
            return False
        return True


def _with_the_key(named: str | None = None) -> SignedBy:
    return SignedBy(who="the key in gitops:flux.verify.key", named=named)


def _not_this_key() -> RejectedError:
    return RejectedError("it was not made with this key, or for something else", "Check key, name and digest with: cosign verify --key")
