"""SSH public keys as they stand in files, `type base64`: whether one was copied whole."""

import base64
import binascii

from flux.keys.ssh_encoding import length_of, texts_in
from flux.message import Message

COPY_AGAIN = "Copy the complete line again."
_ANY = None
_FIELDS: dict[str, tuple[int | None, ...]] = {
    "ssh-ed25519": (32,),
    "ssh-rsa": (_ANY, _ANY),
    "ssh-dss": (_ANY, _ANY, _ANY, _ANY),
    "ecdsa-sha2-nistp256": (8, 65),
    "ecdsa-sha2-nistp384": (8, 97),
    "ecdsa-sha2-nistp521": (8, 133),
    "sk-ssh-ed25519@openssh.com": (32, _ANY),
    "sk-ecdsa-sha2-nistp256@openssh.com": (8, 65, _ANY),
}
"""Type of a key → how many bytes each of its fields has behind the type, where that is always the same."""


def fault_of_public_key(kind: str, encoded: str) -> Message | None:
    """What is wrong with a key; holds nothing of it. None also for one of a type that is unknown here, if it says the same."""
    try:
        content = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        return Message("is incomplete or mistyped: it is not valid base64", fix=COPY_AGAIN)
    inner, *fields = texts_in(content) or [b""]
    if inner != kind.encode():
        return Message("has a different type from its label, or is incomplete", fix=COPY_AGAIN)
    lengths = _FIELDS.get(kind)
    if lengths is not None and not _fit(fields, lengths, content):
        return Message("is incomplete, or has extra characters at its end", fix=COPY_AGAIN)
    return None


def _fit(fields: list[bytes], lengths: tuple[int | None, ...], content: bytes) -> bool:
    whole = length_of(texts_in(content)) == len(content)
    return whole and len(fields) == len(lengths) and all(length in (_ANY, len(each)) for each, length in zip(fields, lengths, strict=True))
