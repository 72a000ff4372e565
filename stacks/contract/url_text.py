"""URLs as people write them: beyond its pattern, each must name a server that could be connected to."""

from pydantic import AfterValidator

from flux.addresses import address_of
from flux.message import Message
from stacks.contract.text_kinds import wrong_text

_NO_SERVER = Message(
    "names no server that could be connected to",
    "Nothing could be fetched from it.",
    "Write the host and, if need be, the number of a port; an IPv6 address in brackets: https://[fd00::1]:3000",
)


def _names_a_server(text: str) -> str:
    if address_of(text) is None:
        raise wrong_text(_NO_SERVER)
    return text


NamesAServer = AfterValidator(_names_a_server)
"""Refuses `https://[::1`, `https://host:port` and the like."""
