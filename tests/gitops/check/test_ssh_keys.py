"""A private key as OpenSSH reads it, whatever form the stack has it in."""

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gitops.check.fetch.git_login import readable_by_ssh
from tests.keys import PASSPHRASE


@pytest.mark.parametrize("passphrase", [None, PASSPHRASE])
def test_a_key_in_the_form_that_flux_reads_becomes_one_that_every_openssh_reads(passphrase: str | None) -> None:
    private = Ed25519PrivateKey.generate()
    closed = serialization.BestAvailableEncryption(PASSPHRASE.encode()) if passphrase else serialization.NoEncryption()
    pem = private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, closed).decode()
    readable, needed = readable_by_ssh(pem, passphrase)
    assert needed is None
    assert serialization.load_ssh_private_key(readable.encode(), None).private_bytes_raw() == private.private_bytes_raw()  # type: ignore[union-attr]


def test_a_key_that_cannot_be_opened_is_left_to_ssh_to_judge() -> None:
    broken = "-----BEGIN " + "PRIVATE KEY-----\nbroken\n"
    assert readable_by_ssh(broken, None) == (broken, None)
    assert readable_by_ssh("another form", PASSPHRASE) == ("another form", PASSPHRASE)
