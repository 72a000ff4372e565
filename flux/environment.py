"""What this package reads from the process environment: where the user's cache lies, and nothing else."""

import os
from pathlib import Path


def cache_root() -> Path:
    """`$GITOPS_CACHE`, else `$XDG_CACHE_HOME/gitops`, else `~/.cache/gitops`."""
    if chosen := os.environ.get("GITOPS_CACHE"):
        return Path(chosen).absolute()
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base).absolute() / "gitops"
