"""URLs and hosts that people wrote, taken apart without a traceback."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv6Address, ip_address
from urllib.parse import urlsplit

_HOST_AND_PORT = re.compile(r"^(?P<host>\[[^\[\]]+\]|[^:\[\]/\s@]+)(:(?P<port>\d{1,5}))?$")
_LARGEST_PORT = 65535
DEFAULT_PORTS: Mapping[str, int] = {"ssh": 22, "http": 80, "https": 443, "oci": 443}
"""Scheme → the port that goes without saying."""


@dataclass(frozen=True, kw_only=True)
class Address:
    """What a URL says of a server."""

    scheme: str
    """In lower case."""
    host: str
    """In lower case; of an IPv6 address without its brackets."""
    port: int | None
    path: str

    @property
    def port_or_default(self) -> int | None:
        """The port, or that of the scheme; None if neither is known."""
        return self.port or DEFAULT_PORTS.get(self.scheme)


@lru_cache(maxsize=4096)
def address_of(url: str) -> Address | None:
    """The server of `url`; None when it names none that could be connected to: no host, no number for a port, brackets left open."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    place = parts.netloc.rpartition("@")[2]
    if not host or port == 0 or not is_host_and_port(place):
        return None
    return Address(scheme=parts.scheme, host=host, port=port, path=parts.path)


def is_loopback(host: str) -> bool:
    """Whether what is sent to `host` never leaves this machine."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def is_host_and_port(text: str) -> bool:
    """Whether `text` is `host`, `host:port`, `[IPv6]` or `[IPv6]:port`."""
    match = _HOST_AND_PORT.match(text)
    if match is None or (match["port"] is not None and not 0 < int(match["port"]) <= _LARGEST_PORT):
        return False
    return not match["host"].startswith("[") or _is_ipv6(match["host"][1:-1])


def _is_ipv6(text: str) -> bool:
    try:
        IPv6Address(text)
    except ValueError:
        return False
    return True
