"""SSH keys that a stack makes itself, each derived from a seed."""

import base64
import hashlib
import textwrap

_ED25519_PKCS8 = bytes.fromhex("302e020100300506032b657004220420")
"""What stands before the 32 bytes of an ed25519 key in PKCS #8 (https://www.rfc-editor.org/rfc/rfc8410#section-7)."""
_LABEL = "PRIVATE KEY"


def private_key_from_seed(seed: str) -> str:
    """Return the ed25519 private key whose 32 bytes are the SHA-256 of `seed`, as PKCS #8 PEM.

    The seed carries the strength: 64 characters of letters and digits are 381 bits. The same seed always gives the same
    text: OpenSSH's own format would not, because it begins with random bytes.
    """
    return _pem(_ED25519_PKCS8 + hashlib.sha256(seed.encode()).digest())


def is_generated_form(private_key: str) -> bool:
    """Whether it is a key as `private_key_from_seed` writes it, to the character: what else a Secret holds, others have written."""
    lines = private_key.split("\n")
    try:
        decoded = base64.b64decode("".join(lines[1:-2]), validate=True)
    except ValueError:
        return False
    is_ed25519 = decoded.startswith(_ED25519_PKCS8) and len(decoded) == len(_ED25519_PKCS8) + 32
    return is_ed25519 and private_key == _pem(decoded)


def _pem(decoded: bytes) -> str:
    encoded = base64.b64encode(decoded).decode()
    return "\n".join([f"-----BEGIN {_LABEL}-----", *textwrap.wrap(encoded, 64), f"-----END {_LABEL}-----", ""])
