"""What this package reads from the process environment: where the user's cache and Docker's own configuration lie, and nothing else."""

import os
from pathlib import Path


def cache_root() -> Path:
    """`$GITOPS_CACHE`, else `$XDG_CACHE_HOME/gitops`, else `~/.cache/gitops`."""
    if chosen := os.environ.get("GITOPS_CACHE"):
        return Path(chosen).absolute()
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base).absolute() / "gitops"


def docker_config_file() -> Path:
    """Where `docker login` keeps logins: `$DOCKER_CONFIG/config.json`, else `~/.docker/config.json`."""
    chosen = os.environ.get("DOCKER_CONFIG")
    return (Path(chosen) if chosen else Path.home() / ".docker") / "config.json"
