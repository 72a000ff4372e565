"""Names of files for objects: safe on every file system, and each object's own."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import Any

from flux.kinds import api_group

_UNSAFE = re.compile(r"[^a-z0-9._-]")
_LONGEST = 200
_DIGITS = 12


def file_names(bodies: Iterable[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """File → the body that belongs there; in the order of the bodies."""
    named: dict[str, Mapping[str, Any]] = {}
    for body in bodies:
        name = _name(_parts(body))
        if name in named:  # the same kind in two groups
            name = _name([*_parts(body), api_group(str(body["apiVersion"])) or "core"])
        while name in named:
            name = _name([name.removesuffix(".yaml"), "2"])
        named[name] = body
    return named


def _parts(body: Mapping[str, Any]) -> list[str]:
    metadata = body["metadata"]
    return [part for part in (str(body["kind"]).lower(), str(metadata.get("namespace", "")), str(metadata["name"])) if part]


def _name(parts: list[str]) -> str:
    """An object's name may hold `:`, in RBAC, or capital letters, which not every file system tells from small ones."""
    plain = ".".join(_UNSAFE.sub(lambda letter: f"%{letter[0].encode(errors='replace').hex()}", part) for part in parts).lstrip(".")
    if len(plain) > _LONGEST:
        plain = f"{plain[: _LONGEST - _DIGITS - 1]}-{hashlib.sha256(plain.encode()).hexdigest()[:_DIGITS]}"
    return f"{plain}.yaml"
