"""Bech32 after BIP 173, without its limit of 90 characters: the spelling of age's keys (https://age-encryption.org/v1)."""

ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_CHECKSUM_LENGTH = 6


def encode(prefix: str, payload: bytes) -> str:
    """`payload` in lower case behind `prefix` and a 1."""
    words = _five_bit_words(payload)
    remainder = _polymod([*_expanded(prefix), *words, *[0] * _CHECKSUM_LENGTH]) ^ 1
    checksum = [(remainder >> 5 * (5 - position)) & 31 for position in range(_CHECKSUM_LENGTH)]
    return f"{prefix}1" + "".join(ALPHABET[word] for word in [*words, *checksum])


def decode(text: str) -> tuple[str, bytes]:
    """The prefix in lower case, and the payload.

    Raises ValueError, without any of `text`, when the checksum is another, or when it is no Bech32 at all: both cases in one
    text, a letter that does not belong there, bits left over.
    """
    prefix, separator, data = text.lower().rpartition("1")
    if text not in (text.lower(), text.upper()) or not separator or not prefix or len(data) < _CHECKSUM_LENGTH or set(data) - set(ALPHABET):
        raise ValueError("not Bech32")
    words = [ALPHABET.index(letter) for letter in data]
    if _polymod([*_expanded(prefix), *words]) != 1:
        raise ValueError("the checksum does not match: a character is wrong or missing")
    bits = "".join(f"{word:05b}" for word in words[:-_CHECKSUM_LENGTH])
    whole, rest = bits[: len(bits) // 8 * 8], bits[len(bits) // 8 * 8 :]
    if len(rest) > 4 or "1" in rest:
        raise ValueError("not Bech32: bits are left over")
    return prefix, bytes(int(whole[start : start + 8], 2) for start in range(0, len(whole), 8))


def _expanded(prefix: str) -> list[int]:
    return [ord(letter) >> 5 for letter in prefix] + [0] + [ord(letter) & 31 for letter in prefix]


def _five_bit_words(payload: bytes) -> list[int]:
    bits = "".join(f"{byte:08b}" for byte in payload)
    bits += "0" * (-len(bits) % 5)
    return [int(bits[start : start + 5], 2) for start in range(0, len(bits), 5)]


def _polymod(values: list[int]) -> int:
    checksum = 1
    for value in values:
        top = checksum >> 25
        checksum = (checksum & 0x1FFFFFF) << 5 ^ value
        for position, generator in enumerate(_GENERATOR):
            if top >> position & 1:
                checksum ^= generator
    return checksum
