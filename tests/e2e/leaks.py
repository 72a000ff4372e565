"""Searching what a stack leaves behind for a secret, in whatever disguise."""

import base64
import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

KEEPS_SECRETS_BY_DESIGN = ("kwok", "secrets", "gitea")
"""Folders of an embedded cluster's home: etcd with the Secrets themselves, the demo's own key files, and Gitea's database."""


PEM_LINE = 64


def telling_part(secret: bytes) -> bytes:
    """What of `secret` to look for: of a long one, a PEM text without its line breaks, a part that stands in one line of it.

    The breaks would be encoded with the rest, so the whole would not be found in base64. Not of the first line, which is the same
    for all keys of a kind.
    """
    return secret[PEM_LINE : PEM_LINE + 48] if len(secret) >= PEM_LINE + 48 else secret


def disguises(secret: bytes) -> dict[str, bytes]:
    """What `secret` looks like in plain, hex, URL encoding and base64, the last wherever it begins in a longer text."""
    secret = telling_part(secret)
    found = {"plain": secret, "hex": secret.hex().encode(), "HEX": secret.hex().upper().encode(), "url": quote(secret).encode()}
    for shift in range(3):
        text = base64.b64encode(b"\0" * shift + secret + b"\0" * ((-shift - len(secret)) % 3))
        found[f"base64+{shift}"] = text[4:-4]
        found[f"base64url+{shift}"] = text[4:-4].replace(b"+", b"-").replace(b"/", b"_")
    return found


def leaks(haystack: bytes, secrets: Mapping[str, bytes], where: str) -> list[str]:
    """Which of `secrets`, by a name that may be shown, are in `haystack`; also where line breaks were put into it."""
    joined = haystack.replace(b"\n", b"").replace(b"\\n", b"")
    return [
        f"{name} ({disguise}) is in {where}"
        for name, secret in secrets.items()
        for disguise, needle in disguises(secret).items()
        if needle in haystack or needle in joined
    ]


def files_left_behind(home: Path) -> list[Path]:
    """Every file below an embedded cluster's home but those that are made to keep secrets."""
    kept_apart = [home / name for name in KEEPS_SECRETS_BY_DESIGN]
    return [
        Path(folder) / name
        for folder, _, names in os.walk(home)
        for name in names
        if not any(Path(folder).is_relative_to(apart) for apart in kept_apart)
        and (Path(folder) / name).is_file()
        and not (Path(folder) / name).is_symlink()
        and name != "kubeconfig"
    ]
