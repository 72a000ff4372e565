"""age identities and recipients: derived from a seed, read out of a file, compared with what is declared."""

import hashlib
import re

import pyrage

from flux.keys import bech32

IDENTITY_PREFIX = "AGE-SECRET-KEY-"
POST_QUANTUM_IDENTITY_PREFIX = "AGE-SECRET-KEY-PQ-"
RECIPIENT_PATTERN = r"^age1([02-9ac-hj-np-z]{58}|pq1[02-9ac-hj-np-z]{1952})$"
"""`age1…` of 32 bytes (X25519), or `age1pq1…` of 1216 (ML-KEM-768 with X25519); the last six characters are the checksum."""
POST_QUANTUM_RECIPIENT_PREFIX = "age1pq1"
SSH_RECIPIENT_TYPES = ("ssh-ed25519", "ssh-rsa")
"""The SSH keys for which age encrypts, and sops with it. Flux has no place for their private halves: only people can have them."""
_NO_IDENTITIES = (
    (
        re.compile(r"^age-encryption\.org/v1|-----BEGIN AGE ENCRYPTED FILE-----", re.MULTILINE),
        "is an encrypted key file, which Flux cannot read; `age --decrypt <file>` prints the identity in it",
    ),
    (
        re.compile(r"-----BEGIN [A-Z0-9 ]{0,60}PRIVATE KEY-----|^[ \t]*(ssh-|ecdsa-|sk-)", re.MULTILINE),
        "is an SSH or PEM key, but Flux reads only age identities",
    ),
    (
        re.compile(r"\A\s*age1\S+\s*\Z"),
        "is a recipient, which is the public half; the identity is the line that begins with AGE-SECRET-KEY-",
    ),
)
"""What is given in place of an identity → what it is."""
_SHOWN = 24


class RecipientUndeclaredError(ValueError):
    """An identity whose recipient cannot be derived here came without its recipient."""


class RecipientMismatchError(ValueError):
    """An identity came with the recipient of another. The text names both recipients, which are public, and no identity."""


def bare_recipient(recipient: str) -> str:
    """`recipient` without the comment that may follow an SSH key, where a comma would end it for sops."""
    return " ".join(recipient.split()[:2]) if recipient.startswith(SSH_RECIPIENT_TYPES) else recipient


def identity_from_seed(seed: str) -> str:
    """Return the age X25519 identity (`AGE-SECRET-KEY-1…`) whose 32 bytes are the SHA-256 of `seed`.

    The seed carries the strength: 64 characters of letters and digits are 381 bits. The same seed always gives the same identity.
    """
    return bech32.encode(IDENTITY_PREFIX.lower(), hashlib.sha256(seed.encode()).digest()).upper()


def recipient_of(identity: str, declared: str | None = None) -> str:
    """Return the recipient that encrypts for `identity`: one identity line, or a whole `age-keygen` file with one.

    It is derived (`age1…`, of a post-quantum identity `AGE-SECRET-KEY-PQ-1…` `age1pq1…`), and a `declared` one must be the same.
    Comments of a file, such as `# public key: …`, prove nothing and are not read.

    Raises ValueError, without the identity in its text, when there is no usable identity in it: RecipientUndeclaredError and
    RecipientMismatchError when only the recipient is wrong.
    """
    line = _identity_line(identity)
    own = _post_quantum(line, declared) if line.startswith(POST_QUANTUM_IDENTITY_PREFIX) else _x25519(line)
    if declared not in (None, own):
        raise RecipientMismatchError(f"the identity's own recipient is {_short(own)}, but {_short(str(declared))} is declared for it")
    return own


def checked_identity(identity: str, declared: str | None = None) -> str:
    """`identity` as it is, after the checks of `recipient_of`, which raise."""
    recipient_of(identity, declared)
    return identity


def _x25519(line: str) -> str:
    try:
        return str(pyrage.x25519.Identity.from_str(line).to_public())
    except pyrage.IdentityError:
        # `from None`: the library's own text could carry the value.
        raise ValueError("is not an age identity; one looks like AGE-SECRET-KEY-1 and 58 more characters") from None


def _post_quantum(line: str, declared: str | None) -> str:
    """The recipient of a post-quantum identity; the `declared` one where `cryptography` was built without ML-KEM, and it looks like one."""
    from cryptography.exceptions import UnsupportedAlgorithm  # lazily: few have such a key

    try:
        prefix, payload = bech32.decode(line)
    except ValueError as error:
        raise ValueError(f"is not a post-quantum age identity: {error}") from None
    if (prefix, len(payload)) != (POST_QUANTUM_IDENTITY_PREFIX.lower(), 32):
        raise ValueError("is not a post-quantum age identity; one looks like AGE-SECRET-KEY-PQ-1 and 58 more characters")
    try:
        return bech32.encode(POST_QUANTUM_RECIPIENT_PREFIX.removesuffix("1"), _x_wing_public_key(payload))
    except UnsupportedAlgorithm:
        if declared is None or not declared.startswith(POST_QUANTUM_RECIPIENT_PREFIX):
            raise RecipientUndeclaredError(
                "the recipient of this post-quantum identity cannot be derived here, and is not declared"
            ) from None
        return declared


def _x_wing_public_key(private_key: bytes) -> bytes:
    """ML-KEM-768's public key and X25519's, both out of 32 bytes (https://c2sp.org/age, draft-connolly-cfrg-xwing-kem)."""
    from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    expanded = hashlib.shake_256(private_key).digest(96)
    mlkem, x25519 = MLKEM768PrivateKey.from_seed_bytes(expanded[:64]), X25519PrivateKey.from_private_bytes(expanded[64:])
    return mlkem.public_key().public_bytes_raw() + x25519.public_key().public_bytes_raw()


def _identity_line(text: str) -> str:
    """The one identity in `text`, read line by line as age itself does: only lines that begin with # are comments."""
    for shape, fault in _NO_IDENTITIES:
        if shape.search(text):
            raise ValueError(fault)
    lines = [line for each in text.split("\n") if (line := each.removesuffix("\r")) and not line.startswith("#")]
    if len(lines) != 1:
        raise ValueError(f"has {len(lines)} identity lines, but exactly one is allowed")
    if lines[0] != lines[0].strip():
        raise ValueError("has spaces around the identity, which age does not accept")
    return lines[0]


def _short(recipient: str) -> str:
    """A post-quantum recipient has 1959 characters; its beginning distinguishes two of them."""
    return recipient if len(recipient) < 100 else f"{recipient[:_SHOWN]}…"
