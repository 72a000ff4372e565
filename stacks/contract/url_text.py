"""The server in a URL: beyond the pattern of the URL, a host and a port to which a connection is possible."""

from pydantic import AfterValidator

from flux.addresses import address_of
from flux.message import Message
from stacks.contract.text_kinds import wrong_text

_NO_SERVER = Message(
    "has no valid host or port",
    "No connection would be possible.",
    "Write host or host:port after ://, with an IPv6 address in brackets, like https://[fd00::1]:3000.",
)


def _names_a_server(text: str) -> str:
    if address_of(text) is None:
        raise wrong_text(_NO_SERVER)
    return text


NamesAServer = AfterValidator(_names_a_server)
"""Refuses `https://[::1`, `https://host:port` and the like."""
