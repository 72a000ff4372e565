"""Where pulumi keeps the state and takes its passphrase from, found as it does, without starting it."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flux.bounded_documents import Bounds, UnreadableError, json_value, only_document, read_text
from gitops.project import project_here
from stacks.contract.names import PROJECT_FILE

LOGIN = 'pulumi login "file://$HOME" --non-interactive'
"""At a terminal, without the option, it goes on to ask what to do next."""

PASSPHRASES = ("PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE")
"""The environment variables with the passphrase or its file; pulumi asks if neither is set."""

_A_FILE = Bounds(size=1024 * 1024)


def pulumi_home() -> Path:
    """Where the CLI keeps plugins and logins."""
    return Path(os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi")


def backend() -> str | None:
    """The address, or what it is known by; None where pulumi is not logged in."""
    url = os.environ.get("PULUMI_BACKEND_URL") or _of_project() or _of_login()
    if url is None and os.environ.get("PULUMI_ACCESS_TOKEN"):
        return "Pulumi Cloud, by PULUMI_ACCESS_TOKEN"
    return url


def _of_project() -> str | None:
    folder = project_here()
    described = only_document(folder / PROJECT_FILE, _A_FILE) if folder else None
    backend = described.get("backend") if isinstance(described, Mapping) else None
    return str(backend["url"]) if isinstance(backend, Mapping) and backend.get("url") else None


def _of_login() -> str | None:
    try:
        kept: Any = json_value(read_text(pulumi_home() / "credentials.json", _A_FILE), _A_FILE)
    except (OSError, UnreadableError):
        return None
    current = kept.get("current") if isinstance(kept, Mapping) else None
    return str(current) if current else None
