"""Generated SSH keys: derived from a seed, the same for ever, and read by everybody who reads SSH keys."""

import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat, load_pem_private_key
from hypothesis import given
from hypothesis import strategies as st

from flux.keys.generated_ssh_keys import private_key_from_seed
from flux.keys.ssh_private_keys import public_line_of


def test_a_key_stays_the_same_from_version_to_version() -> None:
    # Registered with Git servers: were it ever derived otherwise, every cluster would lose its access.
    assert public_line_of(private_key_from_seed("for ever")) == (
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILyZSr69iQdKbwygWfrPirECPacCpmC+dIzYvLjSQg79"
    )


@given(st.text())
def test_the_private_key_is_the_hash_of_the_seed_and_the_line_its_public_half(seed: str) -> None:
    text = private_key_from_seed(seed)
    key = load_pem_private_key(text.encode(), password=None)

    assert isinstance(key, Ed25519PrivateKey)
    assert key.private_bytes_raw() == hashlib.sha256(seed.encode()).digest()
    assert public_line_of(text) == key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()


@pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="OpenSSH is not on this machine")
def test_openssh_finds_the_same_public_half(tmp_path: Path) -> None:
    file = tmp_path / "identity"
    file.touch(mode=0o600)
    # In OpenSSH's own format: its ssh-keygen reads ed25519 as PKCS #8 only from 9.6 on, while Go, and so Flux, always has.
    key = load_pem_private_key(private_key_from_seed("a seed").encode(), password=None)
    file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()))

    found = subprocess.run(["ssh-keygen", "-y", "-f", file], capture_output=True, text=True, check=True).stdout

    assert found.split()[:2] == public_line_of(private_key_from_seed("a seed")).split()


@pytest.mark.parametrize("text", ["hunter2-marker", "", private_key_from_seed("x")[:80]])
def test_what_is_no_key_is_refused_without_being_shown(text: str) -> None:
    with pytest.raises(ValueError, match=r"^not a private SSH key without a passphrase$") as caught:
        public_line_of(text)

    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
