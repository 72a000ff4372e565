"""Whether a cluster's API server answers at all: asked in `up`, before any resource is registered."""

import os
import socket
import ssl
from urllib.request import getproxies, proxy_bypass

from live.access.kubeconfig import ResolvedContext

SECONDS = 10.0
UNREACHABLE_IS_MEANT = ("PULUMI_K8S_DELETE_UNREACHABLE", "PULUMI_K8S_SKIP_UPDATE_UNREACHABLE")
"""These say what the provider does if the cluster does not exist."""


def unreachable_is_meant() -> bool:
    """Whether the person told the provider what to do if the cluster does not exist."""
    return any(os.environ.get(name, "").lower() == "true" for name in UNREACHABLE_IS_MEANT)


def why_silent(reached: ResolvedContext, seconds: float = SECONDS) -> str | None:
    """Why nothing answers at the server of `reached`; None if something does, or if that is unknown.

    The handshake is all that is asked for: whether it is the right server, and lets us in, is the provider's to say. Behind a
    proxy nothing is asked, because the provider's own way through it is not known here.
    """
    address, cluster = reached.address, reached.cluster
    if unreachable_is_meant():
        return None
    if cluster.text("proxy-url") or (address.scheme in getproxies() and not proxy_bypass(address.host)):
        return None
    try:
        with socket.create_connection((address.host, address.port), seconds) as connection:
            if address.encrypted:
                _unverified().wrap_socket(connection, server_hostname=cluster.text("tls-server-name") or address.host).close()
    except (OSError, ValueError) as error:
        return f"{cluster.server} does not answer ({_reason(error)})"
    return None


def _unverified() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _reason(error: OSError | ValueError) -> str:
    if isinstance(error, TimeoutError):
        return f"not within {SECONDS:.0f} s"
    return (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__
