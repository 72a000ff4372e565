"""Supplied private keys in PEM, as Go's crypto/tls and GitHub read them, checked without showing them."""

import re
from typing import TYPE_CHECKING

from flux.message import Message

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

PUBLIC_HALF = re.compile(r"^\s*(ssh-|ecdsa-|sk-|-+ ?BEGIN (SSH2 )?(RSA )?PUBLIC KEY|-----BEGIN CERTIFICATE)")
ENCRYPTED = re.compile(r"BEGIN ENCRYPTED PRIVATE KEY|Proc-Type: 4,ENCRYPTED")
_CANNOT_SIGN = "Flux could not sign with it."


def fault_of_certificate_key(value: str, certificate: str) -> Message | None:
    """What is wrong with the private key of `certificate`, which tls.X509KeyPair takes as PEM without a passphrase."""
    from cryptography.x509 import load_pem_x509_certificates

    key = private_key_in(value)
    if isinstance(key, Message):
        return key
    if load_pem_x509_certificates(certificate.encode())[0].public_key() != key.public_key():
        return Message(
            "is not the key of the certificate",
            "Flux would refuse both.",
            "Set the key that the certificate was issued for, or write the certificate of this key.",
        )
    return None


def fault_of_app_key(value: str) -> Message | None:
    """What is wrong with the private key of a GitHub App, an RSA key."""
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    key = private_key_in(value)
    if isinstance(key, Message):
        return key
    if not isinstance(key, RSAPrivateKey):
        return Message(
            "is not an RSA key, but a GitHub App requires one", "GitHub would refuse it.", "Set the .pem file from the app's page."
        )
    return None


def private_key_in(value: str) -> "PrivateKeyTypes | Message":
    """The key, or what is wrong with it."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    if PUBLIC_HALF.match(value):
        return Message("is a public key or a certificate", _CANNOT_SIGN, "Set the private key.")
    if ENCRYPTED.search(value):
        return Message("has a passphrase", "Flux does not support one here.", "Set what `openssl pkey -in <file>` prints, which has none.")
    try:
        return load_pem_private_key(value.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):  # the last of a key of an unknown kind
        return Message("is not a private key in PEM", _CANNOT_SIGN, "Set the text that begins with BEGIN … PRIVATE KEY.")
