"""The contract of `gitops:flux.verify`: which signature Flux's manifests must have. The names are those of Flux's OCIRepository."""

from typing import Literal

from pydantic import Field, model_validator

from flux.message import Message
from stacks.contract.base import Strict
from stacks.contract.text_kinds import wrong_text
from stacks.contract.verification_texts import CommittedFile, IdentityPattern, PublicKeyOrFile

_WHO = "It is unknown whose signature to accept."
_FIX = "Write `key` with a public key, or `matchOIDCIdentity` with issuer and subject."


class AcceptedIdentity(Strict):
    """Who may sign without a key. Both patterns must match; they begin with ^ and end with $, and match the whole text."""

    issuer: IdentityPattern = Field(
        description="Pattern (RE2) for the OIDC issuer that vouches for the signer.",
        examples=[r"^https://token\.actions\.githubusercontent\.com$"],
    )
    subject: IdentityPattern = Field(
        description="Pattern (RE2) for the signer, as the certificate names them.",
        examples=[r"^https://github\.com/fluxcd/flux2/\.github/workflows/release\.yaml@refs/tags/v2\.9\.4$"],
    )


class Verification(Strict):
    """The signature that the artifact in `manifests` must have, for the digest that is installed. Each preview and each `up` checks it."""

    provider: Literal["cosign"] = Field(default="cosign", description="What made the signature.")
    key: PublicKeyOrFile | None = Field(
        default=None,
        description="Public key that made the signature, as PEM, or a file with it. The transparency log is not asked, as in Flux.",
        examples=["cosign.pub"],
    )
    match_oidc_identity: list[AcceptedIdentity] = Field(
        default_factory=list,
        alias="matchOIDCIdentity",
        description="Who may have signed without a key (Sigstore). One of them is enough.",
    )
    bundle: CommittedFile | None = Field(
        default=None,
        description="File with the signature, a Sigstore bundle. The registry is then not asked for one.",
        examples=["checked/flux-v2.9.4.sigstore.json"],
    )
    trusted_root: CommittedFile | None = Field(
        default=None,
        description="File with the trusted root of the Sigstore to believe. Default: that of the public one, fetched at each run.",
        examples=["checked/trusted_root.json"],
    )

    @model_validator(mode="after")
    def _key_or_identity(self) -> "Verification":
        if self.key is None and not self.match_oidc_identity:
            raise wrong_text(Message("has neither `key` nor `matchOIDCIdentity`", _WHO, _FIX))
        if self.key is not None and self.match_oidc_identity:
            raise wrong_text(Message("has both `key` and `matchOIDCIdentity`", _WHO, "Remove one of the two."))
        if self.key is not None and self.trusted_root is not None:
            raise wrong_text(
                Message(
                    "has `trustedRoot`, but also `key`", "A key needs no trusted root: it would have no effect.", "Remove `trustedRoot`."
                )
            )
        return self
