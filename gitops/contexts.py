"""What a kubeconfig says of its contexts, and of the cluster that one of them reaches.

The only door to `live.kubeconfig` for commands that do not talk to the cluster. No value of a `users` entry is looked at.
"""

import base64
import binascii
import hashlib
import os
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from live.kubeconfig import DEFAULT, find_target


@dataclass(frozen=True, kw_only=True)
class Reached:
    """The cluster behind a context."""

    config_file: str
    """One path, or several as `$KUBECONFIG` joins them."""
    context: str
    server: str
    ca_sha256: str | None
    """SHA-256 of the DER form of the first certificate of its authority; None where the kubeconfig trusts the machine's."""


def context_names(kubeconfig: Path | None = None) -> list[str]:
    """The contexts that there are to choose from; none where there is no kubeconfig."""
    return sorted({str(entry["name"]) for _, document in _documents(_files(kubeconfig)) for entry in _entries(document, "contexts")})


def current_context(kubeconfig: Path | None = None) -> str | None:
    """The current context: that of the first file that names one."""
    named = (document.get("current-context") for _, document in _documents(_files(kubeconfig)))
    return next((str(each) for each in named if each), None)


def reached(kubeconfig: Path | None, context: str | None) -> Reached:
    """The cluster of `context`, else of the current one.

    Raises:
        CommandError: there is no such file or context, or the file is not a kubeconfig.
    """
    target = find_target(kubeconfig, context)
    documents = list(_documents(target.config_file))
    named = (entry.get("context") for _, each in documents for entry in _entries(each, "contexts") if entry["name"] == target.context)
    of_context = next(named, None)
    wanted = of_context.get("cluster") if isinstance(of_context, Mapping) else None
    clusters = (
        (folder, entry.get("cluster")) for folder, each in documents for entry in _entries(each, "clusters") if entry["name"] == wanted
    )
    folder, cluster = next(clusters, (Path(), None))
    described = cluster if isinstance(cluster, Mapping) else {}
    return Reached(
        config_file=target.config_file,
        context=target.context,
        server=str(described.get("server") or "").rstrip("/"),
        ca_sha256=_fingerprint(described, folder),
    )


def _files(kubeconfig: Path | None) -> str:
    return str(kubeconfig) if kubeconfig else os.environ.get("KUBECONFIG") or str(DEFAULT)


def _documents(files: str) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """Each file that can be read, and the folder it lies in."""
    for part in files.split(os.pathsep):
        path = Path(part).expanduser()
        try:
            document = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader) if part and path.is_file() else None
        except (OSError, UnicodeDecodeError, yaml.YAMLError):
            continue
        if isinstance(document, Mapping):
            yield path.parent, document


def _entries(document: Mapping[str, Any], section: str) -> Iterator[Mapping[str, Any]]:
    listed = document.get(section)
    for entry in listed if isinstance(listed, list) else ():
        if isinstance(entry, Mapping) and "name" in entry:
            yield entry


def _fingerprint(cluster: Mapping[str, Any], folder: Path) -> str | None:
    try:
        if data := cluster.get("certificate-authority-data"):
            text = base64.b64decode(str(data)).decode()
        elif file := cluster.get("certificate-authority"):
            text = (folder / str(file)).read_text(encoding="utf-8")
        else:
            return None
        _, begin, rest = text.partition(ssl.PEM_HEADER)
        body, end, _ = rest.partition(ssl.PEM_FOOTER)
        return hashlib.sha256(ssl.PEM_cert_to_DER_cert(f"{begin}{body}{end}")).hexdigest() if begin and end else None
    except (OSError, UnicodeDecodeError, binascii.Error, ValueError):
        return None
