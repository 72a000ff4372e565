"""age identities: derived from a seed, and their recipients."""

import hashlib

import pyrage

IDENTITY_PREFIX = "AGE-SECRET-KEY-"
POST_QUANTUM_IDENTITY_PREFIX = "AGE-SECRET-KEY-PQ-"
_BECH32_ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_BECH32_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)


def identity_from_seed(seed: str) -> str:
    """Return the age X25519 identity (`AGE-SECRET-KEY-1…`) whose 32 bytes are the SHA-256 of `seed`.

    The seed carries the strength: 64 characters of letters and digits are 381 bits. The same seed gives the same identity, for ever.
    """
    return _bech32(IDENTITY_PREFIX.lower(), hashlib.sha256(seed.encode()).digest()).upper()


def recipient_of(identity: str) -> str:
    """Return the recipient (`age1…`) that encrypts for `identity`: one identity line, or a whole `age-keygen` file with one.

    Raises ValueError, without the identity in its text, when there is no usable identity in it.
    """
    lines = [line.strip() for line in identity.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    if len(lines) != 1:
        raise ValueError(f"an age key file with exactly one identity line was expected; this one has {len(lines)}")
    if lines[0].startswith(POST_QUANTUM_IDENTITY_PREFIX):
        raise ValueError("a post-quantum identity's recipient cannot be derived here")
    try:
        return str(pyrage.x25519.Identity.from_str(lines[0]).to_public())
    except pyrage.IdentityError:
        # `from None`: the library's own text could carry the value.
        raise ValueError("not an age identity; one looks like AGE-SECRET-KEY-1 and 58 more characters") from None


def _bech32(prefix: str, payload: bytes) -> str:
    """Encode after BIP 173, without its 90-character limit, as age does (https://age-encryption.org/v1)."""
    words = _five_bit_words(payload)
    expanded_prefix = [ord(letter) >> 5 for letter in prefix] + [0] + [ord(letter) & 31 for letter in prefix]
    remainder = _polymod([*expanded_prefix, *words, 0, 0, 0, 0, 0, 0]) ^ 1
    checksum = [(remainder >> 5 * (5 - position)) & 31 for position in range(6)]
    return f"{prefix}1" + "".join(_BECH32_ALPHABET[word] for word in [*words, *checksum])


def _five_bit_words(payload: bytes) -> list[int]:
    bits = "".join(f"{byte:08b}" for byte in payload)
    bits += "0" * (-len(bits) % 5)
    return [int(bits[start : start + 5], 2) for start in range(0, len(bits), 5)]


def _polymod(values: list[int]) -> int:
    checksum = 1
    for value in values:
        top = checksum >> 25
        checksum = (checksum & 0x1FFFFFF) << 5 ^ value
        for position, generator in enumerate(_BECH32_GENERATOR):
            if top >> position & 1:
                checksum ^= generator
    return checksum
