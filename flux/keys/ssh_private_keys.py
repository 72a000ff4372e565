"""Private SSH keys: what is wrong with a supplied one, judged without showing it, and the public half of any."""

import base64
import binascii
import re

from flux.keys.pem_private_keys import ENCRYPTED, PUBLIC_HALF, private_key_in
from flux.keys.ssh_encoding import length_of, texts_in
from flux.message import Message

_OPENSSH = re.compile(r"-----BEGIN OPENSSH PRIVATE KEY-----(.*?)-----END OPENSSH PRIVATE KEY-----", re.DOTALL)
_OPENSSH_MAGIC = b"openssh-key-v1\0"
_CURVES = ("secp256r1", "secp384r1", "secp521r1")
_TYPES = ("ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521")
_LEAST_RSA_BITS = 2048
"""Servers refuse shorter ones: GitHub since long, OpenSSH's own ssh-keygen makes none."""
_MAKE_ONE = "`ssh-keygen -t ed25519 -N '' -f <file>` makes one; set the content of <file>."
_NOT_CONNECTED = "Flux would refuse to connect."


def fault_of_ssh_key(value: str, *, with_passphrase: bool) -> Message | None:
    """What is wrong with a private key for Flux's SSH client, which reads OpenSSH's format and PEM. The passphrase itself is not tried."""
    if PUBLIC_HALF.match(value):
        return Message("is a public key", "Flux needs the private half; the Git server gets this one.", "Set the file without .pub.")
    if not _is_private_key(value):
        return Message("is not a private key", _NOT_CONNECTED, _MAKE_ONE)
    if not _is_of_a_kind_for_ssh(value):
        return Message(
            "is a type of key that Flux's SSH client, or the server, does not accept",
            f"{_NOT_CONNECTED} Keys may be ed25519, ECDSA on nistp256, nistp384 or nistp521, or RSA of at least {_LEAST_RSA_BITS} bits.",
            _MAKE_ONE,
        )
    if "BEGIN ENCRYPTED PRIVATE KEY" in value:
        return Message("is encrypted in PKCS #8", "Flux cannot read this form.", "Rewrite it as OpenSSH does: `ssh-keygen -p -f <file>`.")
    if _has_passphrase(value) and not with_passphrase:
        return Message(
            "has a passphrase, but the credential does not declare one",
            "Flux could not use the key.",
            "Write passphrase: true in the credential, or remove the passphrase: `ssh-keygen -p -f <file>`.",
        )
    if with_passphrase and not _has_passphrase(value):
        return Message(
            "has no passphrase, but the credential declares passphrase: true",
            "The passphrase would not be used.",
            "Remove passphrase: true, or set the key that has one.",
        )
    return None


def public_line_of(private_key: str) -> str:
    """Return `ssh-ed25519 AAAA…` of a private key without a passphrase, in PEM or in OpenSSH's format.

    Raises ValueError, without the key in its text, when it is none.
    """
    # 0.1 s that a stack without generated keys does not spend
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key, load_ssh_private_key

    for load in (load_pem_private_key, load_ssh_private_key):
        try:
            public = load(private_key.encode(), None).public_key()
            return public.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
        except (ValueError, TypeError, UnsupportedAlgorithm):
            continue
    raise ValueError("not a private SSH key without a passphrase") from None


def _is_private_key(value: str) -> bool:
    if _OPENSSH.search(value):
        return _openssh_cipher(value) is not None
    if ENCRYPTED.search(value):
        return "PRIVATE KEY" in value
    return not isinstance(private_key_in(value), Message)


def _is_of_a_kind_for_ssh(value: str) -> bool:
    """Whether Go's SSH client logs in with such a key (golang.org/x/crypto/ssh, NewSignerFromKey), as far as can be seen in it."""
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    if _OPENSSH.search(value):
        kind, bits = _openssh_kind(value)
        return kind in ("", *_TYPES) or (kind == "ssh-rsa" and bits >= _LEAST_RSA_BITS)
    if ENCRYPTED.search(value):
        return "BEGIN DSA" not in value
    key = private_key_in(value)
    if isinstance(key, EllipticCurvePrivateKey):
        return key.curve.name in _CURVES
    return isinstance(key, Ed25519PrivateKey) or (isinstance(key, RSAPrivateKey) and key.key_size >= _LEAST_RSA_BITS)


def _has_passphrase(value: str) -> bool:
    cipher = _openssh_cipher(value)
    return cipher != "none" if cipher is not None else ENCRYPTED.search(value) is not None


def _openssh_cipher(value: str) -> str | None:
    """With what a key in OpenSSH's format is encrypted, `none` if with nothing; None when it is not such a key.

    Read from its head (PROTOCOL.key of OpenSSH): `cryptography` could only try a passphrase with yet another package.
    """
    texts = texts_in(_openssh_content(value))
    return texts[0].decode("ascii", errors="replace") if texts else None


def _openssh_kind(value: str) -> tuple[str, int]:
    """The type of such a key, as its public half says beside it, and the bits of an RSA key; nothing where that cannot be read."""
    content = _openssh_content(value)
    # cipher, key derivation and its options; then how many keys, and the public half of each
    head = length_of(texts_in(content)[:3])
    public = (texts_in(content[head + 4 :]) or [b""])[0]
    kind, *numbers = texts_in(public) or [b""]
    return kind.decode("ascii", errors="replace"), int.from_bytes(numbers[1], "big").bit_length() if len(numbers) > 1 else 0


def _openssh_content(value: str) -> bytes:
    """What such a key holds behind its magic; nothing of one that is none, or is mistyped."""
    found = _OPENSSH.search(value)
    try:
        content = base64.b64decode("".join(found[1].split()), validate=True) if found else b""
    except binascii.Error:
        return b""
    return content.removeprefix(_OPENSSH_MAGIC) if content.startswith(_OPENSSH_MAGIC) else b""
