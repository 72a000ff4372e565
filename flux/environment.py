"""What this package reads from the process environment, and nothing else.

Where the user's cache and Docker's own configuration lie, and whose certificates are trusted.
"""

import os
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ssl


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


def trusted_authorities() -> "ssl.SSLContext":
    """Whom a client over TLS trusts: `$SSL_CERT_FILE`, `$SSL_CERT_DIR`, else the authorities that come with httpx.

    Read once for all clients: it takes some 20 ms, and a client that is given none reads them again, even for http.
    """
    return _authorities(os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"))


@cache
def _authorities(_file: str | None, _folder: str | None) -> "ssl.SSLContext":
    import httpx  # it costs a tenth of a second, and reads both variables itself

    return httpx.create_ssl_context()
