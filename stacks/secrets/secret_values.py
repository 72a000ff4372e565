"""What is wrong with a supplied secret, judged when it is at hand: a sentence that never shows it, or None."""

import base64
import binascii
import re
from typing import Any

_PUBLIC = re.compile(r"^\s*(ssh-|ecdsa-|sk-|-+ ?BEGIN (SSH2 )?(RSA )?PUBLIC KEY|-----BEGIN CERTIFICATE)")
_ENCRYPTED_PEM = re.compile(r"BEGIN ENCRYPTED PRIVATE KEY|Proc-Type: 4,ENCRYPTED")
_OPENSSH = re.compile(r"-----BEGIN OPENSSH PRIVATE KEY-----(.*?)-----END OPENSSH PRIVATE KEY-----", re.DOTALL)
_OPENSSH_MAGIC = b"openssh-key-v1\0"
_SSH_CURVES = ("secp256r1", "secp384r1", "secp521r1")
_SSH_TYPES = ("ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521")
_LEAST_RSA_BITS = 2048
"""Servers refuse shorter ones: GitHub since long, OpenSSH's own ssh-keygen makes none."""


def fault_of_one_line(value: str) -> str | None:
    """A password, token or passphrase is one line of text."""
    if not value:
        return "is empty, so nothing could log in with it; set the value"
    if value != value.strip("\r\n"):
        return "begins or ends with a line break, which would be sent as part of it; set it again without"
    if "\n" in value or "\r" in value:
        return "has several lines, so a file was probably given in its place; set the one line that logs in"
    return None


def fault_of_ssh_key(value: str, *, with_passphrase: bool) -> str | None:
    """A private key as Flux's SSH client reads it: OpenSSH's format, or PEM. The passphrase itself is not tried."""
    if _PUBLIC.match(value):
        return "is a public key, which is what the Git server gets; Flux needs the private half, the file without .pub"
    if not _is_private_key(value):
        return "is no private key, so Flux would refuse to connect; `ssh-keygen -t ed25519 -N '' -f <file>` makes one, whose <file> to set"
    if not _is_of_a_kind_for_ssh(value):
        return (
            "is a key of a kind that Flux's SSH client, or the server, does not take: it may be ed25519, ECDSA on nistp256, nistp384 or "
            f"nistp521, or RSA of at least {_LEAST_RSA_BITS} bits; `ssh-keygen -t ed25519 -N '' -f <file>` makes one, whose <file> to set"
        )
    if "BEGIN ENCRYPTED PRIVATE KEY" in value:
        return "is encrypted in PKCS #8, which Flux does not read; rewrite it as OpenSSH does: ssh-keygen -p -f <file>"
    if _has_passphrase(value) and not with_passphrase:
        return (
            "has a passphrase, without which Flux could not use it; write passphrase: true at the credential, "
            "or remove it: ssh-keygen -p -f <file>"
        )
    if with_passphrase and not _has_passphrase(value):
        return "has no passphrase, but the credential says passphrase: true; remove that, or set the key that has one"
    return None


def fault_of_tls_key(value: str, certificate: str) -> str | None:
    """The private key of `certificate`, as PEM and without a passphrase, as Go's tls.X509KeyPair reads it."""
    from cryptography.x509 import load_pem_x509_certificates

    key = _pem_key(value)
    if isinstance(key, str):
        return key
    if load_pem_x509_certificates(certificate.encode())[0].public_key() != key.public_key():
        return (
            "is not the key of the certificate, so Flux would refuse both; set the one it was issued for, or write the other's certificate"
        )
    return None


def fault_of_github_key(value: str) -> str | None:
    """An RSA private key, as GitHub gives it for an app."""
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    key = _pem_key(value)
    if isinstance(key, str):
        return key
    if not isinstance(key, RSAPrivateKey):
        return "is no RSA key, but a GitHub App has no other, so GitHub would refuse it; set the .pem file that the app's page gives"
    return None


def _pem_key(value: str) -> Any:
    """The key, or what is wrong with it."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    if _PUBLIC.match(value):
        return "is a public key or a certificate, so nothing could be signed with it; set the private key"
    if _ENCRYPTED_PEM.search(value):
        return "has a passphrase, which Flux has no place for; set the key without: openssl pkey -in <file>"
    try:
        return load_pem_private_key(value.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):  # the last of a key of a kind that nobody here knows
        return "is no private key as PEM, so nothing could be signed with it; set the text that begins with BEGIN … PRIVATE KEY"


def _is_private_key(value: str) -> bool:
    if _OPENSSH.search(value):
        return _openssh_cipher(value) is not None
    if _ENCRYPTED_PEM.search(value):
        return "PRIVATE KEY" in value
    return not isinstance(_pem_key(value), str)


def _is_of_a_kind_for_ssh(value: str) -> bool:
    """Whether Go's SSH client logs in with such a key (golang.org/x/crypto/ssh, NewSignerFromKey), as far as can be seen in it."""
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    if _OPENSSH.search(value):
        kind, bits = _openssh_kind(value)
        return kind in ("", *_SSH_TYPES) or (kind == "ssh-rsa" and bits >= _LEAST_RSA_BITS)
    if _ENCRYPTED_PEM.search(value):
        return "BEGIN DSA" not in value
    key = _pem_key(value)
    if isinstance(key, EllipticCurvePrivateKey):
        return key.curve.name in _SSH_CURVES
    return isinstance(key, Ed25519PrivateKey) or (isinstance(key, RSAPrivateKey) and key.key_size >= _LEAST_RSA_BITS)


def _has_passphrase(value: str) -> bool:
    cipher = _openssh_cipher(value)
    return cipher != "none" if cipher is not None else _ENCRYPTED_PEM.search(value) is not None


def _openssh_cipher(value: str) -> str | None:
    """With what a key in OpenSSH's format is encrypted, `none` if with nothing; None when it is not such a key.

    Read from its head (PROTOCOL.key of OpenSSH): `cryptography` could only try a passphrase with yet another package.
    """
    found = _OPENSSH.search(value)
    try:
        content = base64.b64decode("".join(found[1].split()), validate=True) if found else b""
    except binascii.Error:
        return None
    head = len(_OPENSSH_MAGIC)
    if not content.startswith(_OPENSSH_MAGIC) or len(content) < head + 4:
        return None
    return _texts(content[head:])[0].decode("ascii", errors="replace")


def _openssh_kind(value: str) -> tuple[str, int]:
    """The type of such a key, as its public half says beside it, and the bits of an RSA key; nothing where that cannot be read."""
    found = _OPENSSH.search(value)
    content = base64.b64decode("".join(found[1].split())) if found else b""
    # cipher, key derivation and its options; then how many keys, and the public half of each
    head = sum(len(each) + 4 for each in _texts(content[len(_OPENSSH_MAGIC) :])[:3])
    public = (_texts(content[len(_OPENSSH_MAGIC) + head + 4 :]) or [b""])[0]
    kind, *numbers = _texts(public) or [b""]
    return kind.decode("ascii", errors="replace"), int.from_bytes(numbers[1], "big").bit_length() if len(numbers) > 1 else 0


def _texts(content: bytes) -> list[bytes]:
    """The texts of SSH's encoding, each behind its length, as far as they are whole (RFC 4251, section 5)."""
    found: list[bytes] = []
    while len(content) >= 4:
        length = int.from_bytes(content[:4], "big")
        found.append(content[4 : 4 + length])
        content = content[4 + length :]
    return found
