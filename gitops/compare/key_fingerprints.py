"""Host keys as `ssh-keygen -l` prints them."""

import base64
import hashlib
from typing import Any


def fingerprints(known_hosts: Any) -> dict[str, str]:
    """`SHA256:…` of each line → the server that it is of. What is no line of known_hosts is left out."""
    lines = known_hosts if isinstance(known_hosts, list) else str(known_hosts or "").splitlines()
    return dict(found for line in lines if (found := _fingerprint(str(line))))


def _fingerprint(line: str) -> tuple[str, str] | None:
    words = line.split()
    if words and words[0].startswith("@"):
        words = words[1:]
    try:
        digest = hashlib.sha256(base64.b64decode(words[2], validate=True)).digest()
    except (IndexError, ValueError):  # binascii.Error is one
        return None
    return f"SHA256:{base64.b64encode(digest).decode().rstrip('=')}", words[0]
