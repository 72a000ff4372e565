"""Host and port of an API server, as a kubeconfig writes it."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from flux.addresses import DEFAULT_PORTS

_SCHEMES = ("https", "http")


@dataclass(frozen=True, kw_only=True)
class ServerAddress:
    """Where to connect to."""

    host: str
    """Without the brackets of an IPv6 address."""
    port: int
    encrypted: bool

    @property
    def scheme(self) -> str:
        """`https` or `http`."""
        return "https" if self.encrypted else "http"


def server_address(server: str, *, encrypted: bool) -> ServerAddress | None:
    """The address that `server` means; None when it is not one. Without a scheme, `encrypted` says which, as in kubectl."""
    text = server if "://" in server else f"{'https' if encrypted else 'http'}://{server}"
    try:
        place = urlsplit(text)
        host, port = place.hostname, place.port
    except ValueError:  # an IPv6 address without its end, a port that is none
        return None
    if not host or place.scheme not in _SCHEMES or any(letter.isspace() or not letter.isprintable() for letter in server):
        return None
    return ServerAddress(host=host, port=port or DEFAULT_PORTS[place.scheme], encrypted=place.scheme == "https")
