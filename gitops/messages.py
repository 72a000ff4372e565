"""Text out of Flux's conditions, made fit to be shown: no credential in it, and no forty-digit hash."""

import re

from flux.secret_shapes import without_tokens
from flux.short_text import LONGEST_SAID, one_line, trim, trim_middle

__all__ = ["LONGEST_SAID", "NOTHING", "one_line", "redact", "shorten", "trim", "trim_middle"]

NOTHING = "\N{EN DASH}"
"""Shown in place of what an object does not have."""

_DIGEST = re.compile(r"\b((?:sha1|sha224|sha256|sha384|sha512|blake3):[0-9a-f]{8})[0-9a-f]{8,}")
_WEBHOOK_PATH = re.compile(r"/hook/[0-9a-f]{64}\b")


def redact(text: str) -> str:
    """Hide what opens a door: a key, a token, a password within a URL, and a Receiver's path.

    The path is made from the Receiver's token, and knowing it is all that a `generic` Receiver asks for.
    """
    return without_tokens(_WEBHOOK_PATH.sub("/hook/…", text))


def shorten(text: str) -> str:
    """`main@sha1:1a2b3c4d` for the whole hash; anything else stays as it is."""
    return _DIGEST.sub(r"\1", text)
