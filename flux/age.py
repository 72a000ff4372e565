"""age identities and recipients: derived from a seed, read out of a file, compared with what is declared."""

import hashlib

import pyrage

from flux import bech32

IDENTITY_PREFIX = "AGE-SECRET-KEY-"
POST_QUANTUM_IDENTITY_PREFIX = "AGE-SECRET-KEY-PQ-"
RECIPIENT_PATTERN = r"^age1([02-9ac-hj-np-z]{58}|pq1[02-9ac-hj-np-z]{1952})$"
"""`age1…` of 32 bytes (X25519), or `age1pq1…` of 1216 (ML-KEM-768 with X25519); the last six characters are the checksum."""
POST_QUANTUM_RECIPIENT_PREFIX = "age1pq1"
_SHOWN = 24


class RecipientUndeclaredError(ValueError):
    """An identity whose recipient cannot be derived here came without its recipient."""


class RecipientMismatchError(ValueError):
    """An identity came with the recipient of another. The text names both recipients, which are public, and no identity."""


def identity_from_seed(seed: str) -> str:
    """Return the age X25519 identity (`AGE-SECRET-KEY-1…`) whose 32 bytes are the SHA-256 of `seed`.

    The seed carries the strength: 64 characters of letters and digits are 381 bits. The same seed gives the same identity, for ever.
    """
    return bech32.encode(IDENTITY_PREFIX.lower(), hashlib.sha256(seed.encode()).digest()).upper()


def recipient_of(identity: str, declared: str | None = None) -> str:
    """Return the recipient that encrypts for `identity`: one identity line, or a whole `age-keygen` file with one.

    Of an X25519 identity it is derived (`age1…`), and a `declared` one must be the same. That of a post-quantum identity
    (`AGE-SECRET-KEY-PQ-1…`) cannot be derived here, so it is the `declared` one (`age1pq1…`). Comments of a file, such as
    `# public key: …`, prove nothing and are not read.

    Raises ValueError, without the identity in its text, when there is no usable identity in it: RecipientUndeclaredError and
    RecipientMismatchError when only the recipient is wrong.
    """
    line = _identity_line(identity)
    if line.startswith(POST_QUANTUM_IDENTITY_PREFIX):
        return _declared_post_quantum(line, declared)
    try:
        own = str(pyrage.x25519.Identity.from_str(line).to_public())
    except pyrage.IdentityError:
        # `from None`: the library's own text could carry the value.
        raise ValueError("not an age identity; one looks like AGE-SECRET-KEY-1 and 58 more characters") from None
    if declared not in (None, own):
        raise RecipientMismatchError(f"the identity's own recipient is {own}, but {_short(str(declared))} is declared for it")
    return own


def checked_identity(identity: str, declared: str | None = None) -> str:
    """`identity` as it is, after the checks of `recipient_of`, which raise."""
    recipient_of(identity, declared)
    return identity


def _declared_post_quantum(line: str, declared: str | None) -> str:
    try:
        prefix, payload = bech32.decode(line)
    except ValueError as error:
        raise ValueError(f"not a post-quantum age identity: {error}") from None
    if (prefix, len(payload)) != (POST_QUANTUM_IDENTITY_PREFIX.lower(), 32):
        raise ValueError("not a post-quantum age identity; one looks like AGE-SECRET-KEY-PQ-1 and 58 more characters")
    if declared is None:
        raise RecipientUndeclaredError("a post-quantum identity, whose recipient cannot be derived here, came without it")
    if not declared.startswith(POST_QUANTUM_RECIPIENT_PREFIX):
        raise RecipientMismatchError(
            f"the identity is a post-quantum one, whose recipient begins with {POST_QUANTUM_RECIPIENT_PREFIX}, "
            f"but {_short(declared)} is declared for it"
        )
    return declared


def _identity_line(text: str) -> str:
    """The one identity in `text`, read line by line as age itself does: only lines that begin with # are comments."""
    lines = [line for each in text.split("\n") if (line := each.removesuffix("\r")) and not line.startswith("#")]
    if len(lines) != 1:
        raise ValueError(f"an age key file with exactly one identity line was expected; this one has {len(lines)}")
    if lines[0] != lines[0].strip():
        raise ValueError("the identity has blanks around it, which age does not take")
    return lines[0]


def _short(recipient: str) -> str:
    """A post-quantum recipient has 1959 characters; its beginning tells two of them apart."""
    return recipient if len(recipient) < 100 else f"{recipient[:_SHOWN]}…"
