"""The ed25519 keys of the embedded cluster."""

from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from flux.atomic_write import write_atomically
from flux.keys.ssh_private_keys import public_line_of


def write_private_key(path: Path) -> None:
    """A new ed25519 key in OpenSSH's format, for this user alone."""
    # Not PKCS8: a person may take it for ssh, and OpenSSH before 9.6 does not read that (https://www.openssh.com/txt/release-9.6).
    pem = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
    )
    write_atomically(path, pem.decode(), mode=0o600)


def public_key(path: Path) -> str:
    """The public half of the key in `path`, as in authorized_keys."""
    return public_line_of(path.read_text())
