"""The texts under `gitops:flux.verify`, each with the message for a text of another form."""

from typing import Annotated

from pydantic import AfterValidator

from flux.go_regex import is_whole
from flux.message import Message
from flux.secret_shapes import holds_private_key
from flux.signature.own_key import KINDS_OF_KEYS, public_key
from flux.signature.policy import accepts_anybody
from stacks.contract.text_kinds import TextKind, wrong_text

_BEGIN = "-----BEGIN"
_NO_KEY = "No signature could be checked."
_FILE = r"(\./)?[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)*"
_OUTSIDE = Message(
    "names a file outside this repository",
    "Each machine might accept another signature.",
    "Commit the file, and write its path from here, like checked/flux.sigstore.json.",
)
_NO_FILE = Message(
    "is not the path of a file in this repository", "It could not be read.", "Write a path from here, like checked/flux.sigstore.json."
)
_OUTWARDS = ((r"^[/~]|(^|/)\.\.(/|$)", _OUTSIDE),)
_PRIVATE = Message(
    "contains a private key, which does not belong in this file",
    "Anybody who reads it could sign.",
    "Remove it, make another key, and write only the public one: cosign.pub.",
)
_NO_PUBLIC_KEY = Message(
    "is not a public key of cosign", _NO_KEY, f"Write PEM of {KINDS_OF_KEYS}, as `cosign generate-key-pair` makes it, or a file with it."
)

CommittedFile = Annotated[str, TextKind("file in this repository", rf"^{_FILE}$", _NO_FILE, _OUTWARDS)]
"""A file of the clone, by its path from the stack file."""


def _public_key(text: str) -> str:
    if holds_private_key(text):
        raise wrong_text(_PRIVATE)
    if text.startswith(_BEGIN) and public_key(text.encode()) is None:
        raise wrong_text(_NO_PUBLIC_KEY)
    return text


PublicKeyOrFile = Annotated[
    str,
    TextKind(
        "PEM public key, or file in this repository",
        rf"^(-----BEGIN PUBLIC KEY-----\n[A-Za-z0-9+/=\s]+-----END PUBLIC KEY-----\s*|{_FILE})$",
        _NO_PUBLIC_KEY,
        ((r"PRIVATE KEY-----", _PRIVATE), *_OUTWARDS),
        lines=True,
    ),
    AfterValidator(_public_key),
]
"""The public half of a key pair, or the name of the file with it."""


def is_pem(text: str) -> bool:
    """Whether a `PublicKeyOrFile` is the key itself."""
    return text.startswith(_BEGIN)


def _pattern(text: str) -> str:
    if is_whole(text, "") is None:
        raise wrong_text(
            Message(
                "is not a regular expression of Go", "No signature would be accepted.", "Correct it: github.com/google/re2/wiki/Syntax."
            )
        )
    if accepts_anybody(text):
        raise wrong_text(
            Message(
                "accepts any text", "It would accept anybody's signature.", "Write whom to accept, as docs/how-to/verify-flux.md shows."
            )
        )
    return text


IdentityPattern = Annotated[
    str,
    TextKind(
        "regular expression",
        r"^\^.+\$$",
        Message(
            "does not begin with ^ and end with $",
            "It would accept any text that contains it, including somebody else's identity.",
            "Write it in full, like ^https://token\\.actions\\.githubusercontent\\.com$.",
        ),
        ((r"^$", Message("is empty", "No signature would be accepted.", "Write whom to accept.")),),
    ),
    AfterValidator(_pattern),
]
"""A pattern of Flux's `matchOIDCIdentity`, anchored at both ends."""
