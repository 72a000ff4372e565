"""From YAML to a kubeconfig. What kubectl refuses, this refuses; every fault is a message that quotes nothing."""

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from shlex import quote
from typing import Any, TypeVar

from flux.bounded_documents import Bounds, OutOfBoundsError, UnreadableError, documents
from flux.known_secrets import keep_secret
from flux.message import Message
from flux.secret_patterns import NAME_OF_A_SECRET
from flux.secret_shapes import redacted
from live.access.kubeconfig import UNUSABLE, Context, Kubeconfig, KubeconfigCluster, NamedEntry, User, merged
from live.errors import KubeconfigError

_Entry = TypeVar("_Entry", bound=NamedEntry)
_LISTS = {"contexts": "context", "clusters": "cluster", "users": "user"}
_TEXTS = {
    "context": ("cluster", "user", "namespace"),
    "cluster": ("server", "tls-server-name", "certificate-authority", "certificate-authority-data", "proxy-url"),
    "user": (
        "client-certificate", "client-certificate-data", "client-key", "client-key-data",
        "token", "tokenFile", "as", "as-uid", "username", "password",
    ),
}  # fmt: skip
_SECRETS = ("token", "password", "client-key-data")
_SWITCHES = {"cluster": ("insecure-skip-tls-verify", "disable-compression")}
_MAPPINGS = {"user": ("exec", "auth-provider")}
A_KUBECONFIG = Bounds(size=10_000_000)
"""What is read of one; certificates and keys are in it."""


def parse(text: str, *, shown: str, folder: Path | None = None) -> Kubeconfig:
    """The kubeconfig in `text`; one without anything in it is empty. `folder`: what its file names are relative to.

    Raises:
        KubeconfigError: it is not YAML, or not a kubeconfig.
    """
    try:
        document = next((value for value, _ in documents(text, A_KUBECONFIG)), None)
    except OutOfBoundsError as error:
        raise _not_one(shown, f"it {error.wrong}") from None
    except UnreadableError as error:
        place = f"{shown}:{error.line}" if error.line else shown
        raise KubeconfigError(place, Message("is not YAML", UNUSABLE, _see(shown))) from None
    if document is None:
        return Kubeconfig(shown=shown)
    try:
        return _kubeconfig(document, shown, folder.absolute() if folder else None)
    except _ShapeError as error:
        raise _not_one(shown, str(error)) from None


def read_files(paths: Sequence[Path], *, shown: str) -> Kubeconfig | None:
    """These files merged into one kubeconfig; as with kubectl, missing files are left out. None if all are missing.

    Raises:
        KubeconfigError: one of them cannot be read, or is not a kubeconfig.
    """
    found = []
    for path in dict.fromkeys(paths):
        try:
            with path.open(encoding="utf-8") as handle:
                text = handle.read(A_KUBECONFIG.size + 1)
        except FileNotFoundError:
            continue
        except UnicodeDecodeError:
            raise _not_one(str(path), "it is not text") from None
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or type(error).__name__
            raise KubeconfigError(str(path), Message(f"cannot be read ({why})", UNUSABLE, f"Run: ls -l {quote(str(path))}")) from None
        found.append(parse(text, shown=str(path), folder=path.parent))
    return merged(found, shown) if found else None


class _ShapeError(Exception):
    """Where in the document something else is expected, and what."""


def _kubeconfig(document: Any, shown: str, folder: Path | None) -> Kubeconfig:
    if not isinstance(document, Mapping):
        raise _ShapeError("it is not a map of contexts, clusters and users")
    if document.get("kind") not in (None, "", "Config") or document.get("apiVersion") not in (None, "", "v1"):
        raise _ShapeError("it is not of kind Config, apiVersion v1")
    return Kubeconfig(
        shown=shown,
        current_context=_text(document, "current-context", "current-context"),
        contexts=_entries(document, "contexts", Context, folder),
        clusters=_entries(document, "clusters", KubeconfigCluster, folder),
        users=_entries(document, "users", User, folder),
    )


def _entries(document: Mapping[Any, Any], section: str, make: Callable[..., _Entry], folder: Path | None) -> dict[str, _Entry]:
    listed = document.get(section)
    if listed is not None and not isinstance(listed, list):
        raise _ShapeError(f"`{section}` is not a list")
    found: dict[str, _Entry] = {}
    for index, item in enumerate(listed or ()):
        place = f"{section}[{index}]"
        if item is not None and not isinstance(item, Mapping):
            raise _ShapeError(f"`{place}` is not a map")
        name = _text(item or {}, "name", f"{place}.name")
        if name in found:
            raise _ShapeError(f"`{section}` has {redacted(name)} twice")
        fields = _fields(item or {}, _LISTS[section], place)
        found[name] = make(name=name, fields=fields, folder=folder)
    return found


def _fields(item: Mapping[Any, Any], kind: str, place: str) -> dict[str, Any]:
    fields = item.get(kind)
    if fields is None:
        return {}
    if not isinstance(fields, Mapping):
        raise _ShapeError(f"`{place}.{kind}` is not a map")
    for key in _TEXTS[kind]:
        text = _text(fields, key, f"{place}.{kind}.{key}")
        if key.endswith("-data") and not _is_base64(text):
            raise _ShapeError(f"`{place}.{kind}.{key}` is not base64")
    for key in _SWITCHES.get(kind, ()):
        if not isinstance(fields.get(key) or False, bool):
            raise _ShapeError(f"`{place}.{kind}.{key}` is neither true nor false")
    for key in _MAPPINGS.get(kind, ()):
        if not isinstance(fields.get(key) or {}, Mapping):
            raise _ShapeError(f"`{place}.{kind}.{key}` is not a map")
    _text(fields.get("exec") or {}, "command", f"{place}.{kind}.exec.command")
    if kind == "user":
        _keep_secrets(fields)
    return {key: value for key, value in fields.items() if isinstance(key, str) and value is not None}


def _keep_secrets(user: Mapping[Any, Any]) -> None:
    """What logs in, so that no message repeats it: what the parts of an exec plugin or an auth provider hold is not told apart."""
    keep_secret(*(_text(user, key, key) for key in _SECRETS), base64.b64decode(_text(user, "client-key-data", "")).decode(errors="replace"))
    parts = [each for key in _MAPPINGS["user"] for each in _texts_in(user.get(key), key)]
    keep_secret(*parts)


def _texts_in(value: Any, key: str) -> list[str]:
    """Texts under names of secrets: `config: {refresh-token: …}`, `env: [{name: AWS_SECRET_ACCESS_KEY, value: …}]`."""
    if isinstance(value, Mapping):
        named = value.get("name") if isinstance(value.get("name"), str) else None
        return [each for name, below in value.items() for each in _texts_in(below, named if name == "value" and named else str(name))]
    if isinstance(value, list):
        return [each for below in value for each in _texts_in(below, key)]
    return [value] if isinstance(value, str) and NAME_OF_A_SECRET.search(key) else []


def _text(mapping: Mapping[Any, Any], key: str, place: str) -> str:
    value = mapping.get(key)
    if value is not None and not isinstance(value, str):
        raise _ShapeError(f"`{place}` is not text")
    return value or ""


def _is_base64(text: str) -> bool:
    try:
        base64.b64decode(text.replace("\n", "").replace("\r", ""), validate=True)
    except (binascii.Error, ValueError):
        return False
    return True


def _not_one(shown: str, why: str) -> KubeconfigError:
    return KubeconfigError(shown, Message(f"is not a kubeconfig: {why}", UNUSABLE, _see(shown)))


def _see(shown: str) -> str:
    if "/" in shown:
        return f"See how kubectl reads it. Run: kubectl --kubeconfig {quote(shown)} config view"
    return "To print one, run: kubectl config view --raw --minify"
