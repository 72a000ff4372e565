"""A supplied secret that could not work is refused when it is at hand, in a message that does not show it."""

import base64
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa, x25519
from cryptography.hazmat.primitives.serialization import PrivateFormat

from flux.keys.one_line import fault_of_one_line
from flux.keys.pem_private_keys import fault_of_app_key, fault_of_certificate_key
from flux.keys.ssh_private_keys import fault_of_ssh_key
from flux.message import Message
from flux.secret_shapes import redacted
from tests.keys import PASSPHRASE, certificate, elliptic_key, pem, public_pem, rsa_key, ssh_key

OPENSSH = pem(ed25519.Ed25519PrivateKey.generate(), form=PrivateFormat.OpenSSH)
LEGACY = PrivateFormat.TraditionalOpenSSL


def encrypted_openssh(kind: str = "") -> str:
    """As `ssh-keygen -N <passphrase>` writes it, as far as anybody without the passphrase can tell."""
    label = " ".join(("OPENSSH", "PRIVATE", "KEY"))
    head = b"openssh-key-v1\0" + (10).to_bytes(4, "big") + b"aes256-ctr" + (6).to_bytes(4, "big") + b"bcrypt"
    public = _text(_text(kind.encode()) + _text(bytes(32))) if kind else b""
    rest = _text(b"salt") + (1).to_bytes(4, "big") + public + bytes(60) if kind else bytes(60)
    return f"-----BEGIN {label}-----\n{base64.b64encode(head + rest).decode()}\n-----END {label}-----\n"


def _text(content: bytes) -> bytes:
    return len(content).to_bytes(4, "big") + content


def is_told(fault: Message | None, words: str, value: str) -> None:
    assert fault is not None
    assert words in fault.wrong
    assert fault.consequence
    assert fault.fix.endswith("."), "the command that sets the secret follows"
    assert str(fault) == redacted(str(fault)), "a message must survive the last door"
    assert not [line for line in value.splitlines() if len(line) > 20 and line in str(fault)]


@pytest.mark.parametrize("key", [ssh_key(), OPENSSH, pem(elliptic_key("a")), pem(rsa_key(2048), form=LEGACY), OPENSSH.strip()])
def test_every_format_that_flux_reads_is_taken(key: str) -> None:
    assert fault_of_ssh_key(key, with_passphrase=False) is None


OTHER_CURVES = (ec.SECP224R1(), ec.BrainpoolP256R1(), ec.SECP256K1())
SHORT = rsa.generate_private_key(65537, 1024)  # noqa: S505 (that it is refused is the test)
OTHER_KINDS: dict[str, Callable[[], Any]] = {
    "RSA": lambda: SHORT,
    "X25519": x25519.X25519PrivateKey.generate,
    "Ed448": ed448.Ed448PrivateKey.generate,
    "DSA": lambda: dsa.generate_private_key(1024),  # noqa: S505 (as above)
    **{curve.name: partial(ec.generate_private_key, curve) for curve in OTHER_CURVES},
}
"""Each is made by the test that needs it: every process of the tests would wait for it otherwise."""


@pytest.mark.parametrize("curve", [ec.SECP256R1(), ec.SECP384R1(), ec.SECP521R1()], ids=lambda curve: curve.name)
@pytest.mark.parametrize("form", [PrivateFormat.PKCS8, PrivateFormat.OpenSSH, LEGACY], ids=["PKCS8", "OpenSSH", "legacy"])
def test_every_curve_of_ssh_is_taken(curve: ec.EllipticCurve, form: PrivateFormat) -> None:
    assert fault_of_ssh_key(pem(ec.generate_private_key(curve), form=form), with_passphrase=False) is None


@pytest.mark.parametrize("kind", OTHER_KINDS)
def test_a_key_of_a_kind_with_which_flux_cannot_log_in_is_refused(kind: str) -> None:
    key = OTHER_KINDS[kind]()
    is_told(fault_of_ssh_key(pem(key), with_passphrase=False), "is a type of key that Flux's SSH client", pem(key))


def test_the_kind_of_a_key_in_opensshs_own_format_is_read_beside_it() -> None:
    assert fault_of_ssh_key(pem(rsa_key(2048), form=PrivateFormat.OpenSSH), with_passphrase=False) is None
    short = pem(SHORT, form=PrivateFormat.OpenSSH)
    on_a_token = encrypted_openssh("sk-ssh-ed25519@openssh.com")
    for key, with_passphrase in ((short, False), (on_a_token, True)):
        is_told(fault_of_ssh_key(key, with_passphrase=with_passphrase), "is a type of key that Flux's SSH client", key)
    assert fault_of_ssh_key(encrypted_openssh("ssh-ed25519"), with_passphrase=True) is None


@pytest.mark.parametrize("key", [encrypted_openssh(), pem(elliptic_key("a"), PASSPHRASE, LEGACY)])
def test_a_key_with_a_passphrase_is_taken_where_the_credential_says_so(key: str) -> None:
    assert fault_of_ssh_key(key, with_passphrase=True) is None
    is_told(fault_of_ssh_key(key, with_passphrase=False), "has a passphrase, but the credential does not declare one", key)


@pytest.mark.parametrize("key", [ssh_key(), OPENSSH, pem(elliptic_key("a"))])
def test_a_passphrase_for_a_key_without_one_is_refused(key: str) -> None:
    is_told(fault_of_ssh_key(key, with_passphrase=True), "has no passphrase, but the credential declares passphrase: true", key)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl me@home", "is a public key"),
        (public_pem(rsa_key()), "is a public key"),
        (certificate(), "is a public key"),
        ("hunter2-marker", "is not a private key"),
        ("", "is not a private key"),
        (OPENSSH[:60], "is not a private key"),
        (OPENSSH.replace(OPENSSH.splitlines()[1], "not base64!"), "is not a private key"),
        (pem(elliptic_key("a"), PASSPHRASE), "is encrypted in PKCS #8"),
    ],
)
def test_what_is_no_private_key_for_ssh_is_refused(value: str, words: str) -> None:
    is_told(fault_of_ssh_key(value, with_passphrase=False), words, value)


def test_a_key_of_a_kind_that_nobody_knows_is_refused_like_what_is_none() -> None:
    der = bytes.fromhex("302e020100300506032b650304220420") + bytes(32)
    label = " ".join(("PRIVATE", "KEY"))
    key = f"-----BEGIN {label}-----\n{base64.b64encode(der).decode()}\n-----END {label}-----\n"
    for fault in (fault_of_ssh_key(key, with_passphrase=False), fault_of_app_key(key), fault_of_certificate_key(key, certificate("a"))):
        is_told(fault, "is not a private key", key)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("", "is empty"),
        ("hunter2-marker\n", "begins or ends with a line break"),
        ("\r\nhunter2-marker", "begins or ends with a line break"),
        ("hunter2-marker\nanother", "has several lines"),
    ],
)
def test_a_token_is_one_line(value: str, words: str) -> None:
    assert fault_of_one_line("hunter2 marker ") is None
    is_told(fault_of_one_line(value), words, value)


def test_the_key_of_a_certificate_is_its_own() -> None:
    assert fault_of_certificate_key(pem(elliptic_key("a")), certificate("a")) is None
    assert fault_of_certificate_key(pem(elliptic_key("a"), form=LEGACY), certificate("a") + certificate("b")) is None
    other = pem(elliptic_key("b"))
    is_told(fault_of_certificate_key(other, certificate("a")), "is not the key of the certificate", other)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (certificate(), "is a public key or a certificate"),
        ("hunter2-marker", "is not a private key in PEM"),
        (pem(elliptic_key("a"), PASSPHRASE), "has a passphrase"),
        (pem(elliptic_key("a"), PASSPHRASE, LEGACY), "has a passphrase"),
    ],
)
def test_what_is_no_key_for_tls_or_an_app_is_refused(value: str, words: str) -> None:
    is_told(fault_of_certificate_key(value, certificate("a")), words, value)
    is_told(fault_of_app_key(value), words, value)


def test_the_key_of_a_github_app_is_an_rsa_key() -> None:
    assert fault_of_app_key(pem(rsa_key(), form=LEGACY)) is None
    assert fault_of_app_key(pem(rsa_key())) is None
    other = pem(elliptic_key("a"))
    is_told(fault_of_app_key(other), "is not an RSA key", other)
