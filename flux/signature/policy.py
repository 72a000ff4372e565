"""Which signature a stack accepts, and what is said of one that it does not."""

from dataclasses import dataclass
from pathlib import Path

from flux.bounded_documents import Bounds
from flux.errors import FluxInputError
from flux.key_path import KeyPath
from flux.message import Message

VERIFY: KeyPath = ("flux", "verify")
"""The key of the stack file that says which signature is accepted, without `gitops:`."""
A_BUNDLE = Bounds(size=1024**2)
"""What is read of a bundle. One of cosign is 10 kB."""
A_TRUSTED_ROOT = Bounds(size=1024**2)
"""What is read of a trusted root. That of Sigstore is 7 kB."""
A_KEY = Bounds(size=16 * 1024)
_NOBODY = "https://nobody.invalid/of-whom-anybody-has-heard"


@dataclass(frozen=True, kw_only=True)
class OidcIdentity:
    """Patterns of Go, as in Flux's `matchOIDCIdentity`; each must match the whole text."""

    issuer: str
    subject: str


@dataclass(frozen=True, kw_only=True)
class SignaturePolicy:
    """`key`, or one of `identities`: exactly one of the two is there."""

    key: bytes | None = None
    """A public key as PEM."""
    identities: tuple[OidcIdentity, ...] = ()
    bundle: bytes | None = None
    """The signature; None: the registry has it."""
    trusted_root: Path | None = None
    """Sigstore's trusted root as a file; None: it is asked for."""


@dataclass(frozen=True, kw_only=True)
class SignedBy:
    """What an accepted signature says."""

    who: str
    named: str | None = None
    """How the signer called the artifact. Nothing follows from it: mirrors have other names."""


class RejectedError(Exception):
    """Why one signature is not accepted; another may be."""

    def __init__(self, reason: str, fix: str) -> None:
        """`reason` has the signature as its subject: `it was not made with this key`."""
        super().__init__(reason)
        self.reason, self.fix = reason, fix


def unreadable(what: str = "it") -> RejectedError:
    """A signature of a form other than cosign's."""
    return RejectedError(f"{what} cannot be read", "Sign the artifact again with cosign, or ask the person who signed it.")


def refused(wrong: str, consequence: str, fix: str, *path: str) -> FluxInputError:
    """What is wrong with `flux.verify`."""
    return FluxInputError(Message(wrong, consequence, fix), (*VERIFY, *path))


def accepts_anybody(pattern: str) -> bool:
    """Whether a pattern matches what cannot have been meant."""
    from flux.go_regex import is_whole

    return bool(is_whole(pattern, _NOBODY))
