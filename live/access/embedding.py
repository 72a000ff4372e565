"""A kubeconfig that refers to no file: what it names is put into it, because it is used where those files are not."""

import base64
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flux.known_secrets import keep_secret
from flux.message import Message
from flux.secret_shapes import redacted
from live.access.kubeconfig import NamedEntry, ResolvedContext
from live.errors import KubeconfigError

FILES = ("certificate-authority", "client-certificate", "client-key")
"""Fields that name a file; the same with `-data` hold its content, and win where both are there."""
LARGEST = 1_000_000
"""Bytes of a certificate, a key or a token."""


def embedded(reached: ResolvedContext, shown: str) -> dict[str, Any]:
    """A kubeconfig of this context alone, with its files in it. The order in which it was written does not matter.

    Raises:
        KubeconfigError: a file that it names cannot be read.
    """
    context, cluster, user = reached.context, reached.cluster, reached.user
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": context.name,
        "contexts": [{"name": context.name, "context": dict(context.fields)}],
        "clusters": [{"name": context.cluster, "cluster": with_files(cluster, shown)}],
        "users": [{"name": context.user, "user": with_files(user, shown)}],
    }


def with_files(entry: NamedEntry, shown: str) -> dict[str, Any]:
    """The fields of a cluster or user without any file name but that of a program.

    Raises:
        KubeconfigError: a file that it names cannot be read.
    """
    fields = dict(entry.fields)
    for key in FILES:
        path = entry.path(key)
        fields.pop(key, None)
        if path and not entry.text(f"{key}-data"):
            found = _content(path, key, shown)
            fields[f"{key}-data"] = base64.b64encode(found).decode()
            if key == "client-key":
                keep_secret(found.decode(errors="replace"))
    if path := entry.path("tokenFile"):
        # It wins over `token` in client-go too, which falls back to that one where the file cannot be read.
        del fields["tokenFile"]
        if path.exists() or not entry.text("token"):
            fields["token"] = _token(path, shown)
            keep_secret(fields["token"])
    program = fields.get("exec")
    if isinstance(program, Mapping):
        fields["exec"] = {**program, **_command(program, entry.folder)}
    return fields


def content(entry: NamedEntry, key: str, shown: str) -> bytes:
    """What a field and its `-data` hold together; empty where neither is there.

    Raises:
        KubeconfigError: the file that it names cannot be read.
    """
    if data := entry.text(f"{key}-data"):
        return base64.b64decode(data)
    path = entry.path(key)
    return _content(path, key, shown) if path else b""


def token(entry: NamedEntry, shown: str) -> str:
    """What the user logs in with, from its field or its file; empty where neither is there."""
    found = with_files(entry, shown).get("token")
    return found if isinstance(found, str) else ""


def _command(program: Mapping[str, Any], folder: Path | None) -> dict[str, str]:
    command = program.get("command")
    if not isinstance(command, str) or os.sep not in command or folder is None:
        return {}  # one without a folder is looked for on PATH
    return {"command": str(folder / command)}


def _token(path: Path, shown: str) -> str:
    try:
        return _content(path, "tokenFile", shown).decode().strip()
    except UnicodeDecodeError:
        raise KubeconfigError(
            shown,
            Message(
                f"names {redacted(str(path))} as tokenFile, which is not text",
                "The client could not log in with it.",
                "Name a file with the token.",
            ),
        ) from None


def _content(path: Path, key: str, shown: str) -> bytes:
    try:
        with path.open("rb") as handle:
            found = handle.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "it is not a file name"
        told = Message(
            f"names {redacted(str(path))} as {key}, which cannot be read ({why})",
            "Without it, the cluster cannot be reached.",
            "Correct the path, or make it a readable file.",
        )
        raise KubeconfigError(shown, told) from None
    if len(found) > LARGEST:
        raise KubeconfigError(
            shown,
            Message(
                f"names {redacted(str(path))} as {key}, which is too large",
                "It cannot be a certificate, a key or a token.",
                "Name the right file.",
            ),
        )
    return found
