"""What a kubeconfig says of its contexts, and of the cluster that one of them reaches, for commands that do not talk to it."""

from dataclasses import dataclass
from pathlib import Path

from live.access.authority import fingerprints
from live.access.kubeconfig import Kubeconfig
from live.access.target import chosen_files, find_target
from live.errors import KubeconfigError


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
    """The contexts to choose from; none where there is no kubeconfig, or it cannot be read."""
    found = _readable(kubeconfig)
    return sorted(found.contexts) if found else []


def current_context(kubeconfig: Path | None = None) -> str | None:
    """The current context; None where the kubeconfig names none, or cannot be read."""
    found = _readable(kubeconfig)
    return (found.current_context or None) if found else None


def reached(kubeconfig: Path | None, context: str | None) -> Reached:
    """The cluster of `context`, else of the current one.

    Raises:
        KubeconfigError: the file or context does not exist, or the file is not a kubeconfig.
    """
    target = find_target(kubeconfig, context)
    trusted = fingerprints(target.reached.cluster)
    return Reached(
        config_file=target.config_file,
        context=target.context,
        server=target.server.rstrip("/"),
        ca_sha256=trusted[0] if trusted else None,
    )


def _readable(kubeconfig: Path | None) -> Kubeconfig | None:
    try:
        return chosen_files(kubeconfig).read()
    except KubeconfigError:
        return None
