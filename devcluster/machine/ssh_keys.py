"""The ed25519 keys of the embedded cluster."""

from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from devcluster.machine.atomic_write import write_file
from flux.keys.ssh_private_keys import public_line_of


def write_private_key(path: Path) -> None:
    """A new ed25519 key as PKCS8 PEM, for this user alone."""
    # Not OpenSSH's own format: that one differs on every serialisation, PKCS8 never does.
    pem = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    write_file(path, pem.decode(), mode=0o600)


def public_key(path: Path) -> str:
    """The public half of the key in `path`, as in authorized_keys."""
    return public_line_of(path.read_text())
