"""Whether an artifact is signed by whom a stack accepts. Nothing is remembered: each run finds out for itself."""

from collections.abc import Iterator
from typing import Protocol

from flux.errors import FluxInputError
from flux.release.artifact_reference import ArtifactReference
from flux.release.oci_registry import connected
from flux.signature.in_registry import signatures_of
from flux.signature.keyless import Keyless
from flux.signature.own_key import KINDS_OF_KEYS, OwnKey, public_key
from flux.signature.policy import VERIFY, RejectedError, SignaturePolicy, SignedBy, refused
from flux.signature.signature_forms import AnySignature, BundleSignature

_MOST_REASONS = 3
_UNKNOWN = "It is unknown who made these manifests."


class _Accepting(Protocol):
    """What says whether it accepts a signature."""

    def accept(self, signature: AnySignature, reference: ArtifactReference) -> SignedBy:
        """Who signed. Raises RejectedError."""


def verify_signature(reference: ArtifactReference, policy: SignaturePolicy) -> SignedBy:
    """Who signed the digest of `reference`, which must have one. One signature that `policy` accepts is enough.

    Raises FluxInputError, about the key `flux.verify`, where there is none, or none is accepted, or that cannot be found out.
    """
    accepting = _accepting(policy)
    if policy.bundle is not None:
        return _first_accepted(iter([BundleSignature(content=policy.bundle)]), accepting, reference)
    import httpx  # only a registry needs it

    try:
        with connected(reference) as registry:
            try:
                return _first_accepted(signatures_of(registry, reference.digest or ""), accepting, reference)
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                raise refused(
                    f"cannot be checked: {reference.registry} cannot be reached ({type(error).__name__})",
                    _UNKNOWN,
                    "Check the network, or commit the signature: bundle.",
                ) from None
    except FluxInputError as error:
        if error.path[:2] == VERIFY:
            raise
        raise refused(f"cannot be checked: {error.message.wrong}", _UNKNOWN, error.message.fix) from None


def _accepting(policy: SignaturePolicy) -> _Accepting:
    if policy.key is None:
        return Keyless(policy.identities, policy.trusted_root)
    key = public_key(policy.key)
    if key is None:
        raise refused("is not a public key of cosign", "No signature could be checked.", f"Write PEM of {KINDS_OF_KEYS}.", "key")
    return OwnKey(key)


def _first_accepted(found: Iterator[AnySignature | RejectedError], accepting: _Accepting, reference: ArtifactReference) -> SignedBy:
    rejected: list[RejectedError] = []
    for signature in found:
        try:
            if isinstance(signature, RejectedError):
                raise signature
            return accepting.accept(signature, reference)
        except RejectedError as error:
            rejected.append(error)
    if not rejected:
        raise refused(f"finds no signature by cosign for {reference}", _UNKNOWN, "Check its name and digest, or sign it: cosign sign.")
    reasons = list(dict.fromkeys(each.reason for each in rejected))
    more = f"; and {len(reasons) - _MOST_REASONS} more reasons" if len(reasons) > _MOST_REASONS else ""
    which = (
        f"does not accept the signature of {reference}"
        if len(rejected) == 1
        else f"accepts none of {len(rejected)} signatures of {reference}"
    )
    wrong = f"{which}: {'; '.join(reasons[:_MOST_REASONS])}{more}"
    # The newest layout comes last.
    raise refused(wrong, "Somebody else could have made these manifests.", rejected[-1].fix)
