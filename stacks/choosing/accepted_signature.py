"""Which signature a stack accepts for Flux's manifests, with the files that it names."""

from pathlib import Path

from flux.bounded_documents import Bounds, json_object
from flux.errors import FluxInputError
from flux.message import Message
from flux.secret_shapes import holds_private_key
from flux.signature.policy import A_BUNDLE, A_KEY, A_TRUSTED_ROOT, VERIFY, OidcIdentity, SignaturePolicy
from stacks.contract.flux_verification import Verification
from stacks.contract.verification_texts import is_pem
from stacks.inputs.committed_file import CommittedFileError, committed_file

_NO_SIGNATURE = "No signature could be checked."


def signature_policy(verify: Verification) -> SignaturePolicy:
    """Raises FluxInputError, about a key below `flux.verify`, for a file that cannot be read or is of another kind."""
    key = None
    if verify.key is not None:
        key = verify.key.encode() if is_pem(verify.key) else _key(verify.key)
    trusted_root = None
    if verify.trusted_root is not None:
        trusted_root = _json("trustedRoot", verify.trusted_root, A_TRUSTED_ROOT, "Sigstore's trusted root")[0]
    return SignaturePolicy(
        key=key,
        identities=tuple(OidcIdentity(issuer=each.issuer, subject=each.subject) for each in verify.match_oidc_identity),
        bundle=_json("bundle", verify.bundle, A_BUNDLE, "a bundle of Sigstore")[1] if verify.bundle is not None else None,
        trusted_root=trusted_root,
    )


def _key(name: str) -> bytes:
    _, content = _file("key", name, A_KEY)
    if holds_private_key(content.decode(errors="replace")):
        wrong = f"names {name}, which contains a private key"
        fix = "Remove the file from Git, make another key, and name the public one."
        raise FluxInputError(Message(wrong, "Anybody who reads it could sign.", fix), (*VERIFY, "key"))
    return content


def _json(key: str, name: str, bounds: Bounds, what: str) -> tuple[Path, bytes]:
    file, content = _file(key, name, bounds)
    if json_object(content, bounds) is None:
        raise FluxInputError(Message(f"names {name}, which is not {what}", _NO_SIGNATURE, "Check what it holds."), (*VERIFY, key))
    return file, content


def _file(key: str, name: str, bounds: Bounds) -> tuple[Path, bytes]:
    try:
        return committed_file(name, bounds)
    except CommittedFileError as error:
        raise FluxInputError(error.message, (*VERIFY, key)) from None
