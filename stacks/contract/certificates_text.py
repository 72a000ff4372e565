"""PEM certificates, with the messages for texts that contain none. A certificate is public, its private key is not."""

from typing import Annotated

from pydantic import AfterValidator

from flux.message import Message
from flux.secret_shapes import holds_private_key
from stacks.contract.text_kinds import TextKind, wrong_text

_PRIVATE_KEY = Message(
    "contains a private key, which does not belong in this file",
    "The key would be in Git and in the state in plain text.",
    "Remove it, make another key, and write only the certificate.",
)
_NO_CERTIFICATE = Message(
    "contains no valid certificate",
    "Flux could not use it.",
    "Write PEM text that begins with BEGIN CERTIFICATE.",
)


def _certificates(text: str) -> str:
    """One valid certificate or several; never a private key."""
    from cryptography.x509 import load_pem_x509_certificates  # 0.1 s that a stack without certificates does not spend

    if holds_private_key(text):
        raise wrong_text(_PRIVATE_KEY)
    try:
        load_pem_x509_certificates(text.encode())
    except ValueError:
        raise wrong_text(_NO_CERTIFICATE) from None
    return text


Certificates = Annotated[
    str,
    TextKind(
        "PEM certificates",
        r"-----BEGIN CERTIFICATE-----",
        _NO_CERTIFICATE,
        ((r"PRIVATE KEY-----", _PRIVATE_KEY),),
        lines=True,
    ),
    AfterValidator(_certificates),
]
"""Certificates as PEM: one, or several after one another."""
