"""Certificates as people write them, with the messages for texts that hold none. A certificate is public."""

from typing import Annotated

from pydantic import AfterValidator

from flux.message import Message
from flux.secret_shapes import holds_private_key
from stacks.contract.text_kinds import Kind, wrong_text

_PRIVATE_KEY = Message(
    "holds a private key, but this file is no place for secrets",
    "The key would stand in Git and in the state in plain text.",
    "Take it out, make another key, and write the certificate alone.",
)
_NO_CERTIFICATE = Message(
    "holds no certificate that can be read",
    "Flux would trust no server with it.",
    "Write the PEM text that begins with BEGIN CERTIFICATE.",
)


def _certificates(text: str) -> str:
    """One certificate or several, each of which can be read; never a private key."""
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
    Kind(
        "PEM certificates",
        r"-----BEGIN CERTIFICATE-----",
        _NO_CERTIFICATE,
        ((r"PRIVATE KEY-----", _PRIVATE_KEY),),
        lines=True,
    ),
    AfterValidator(_certificates),
]
"""Certificates as PEM: one, or several after one another."""
