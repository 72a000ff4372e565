"""known_hosts lines, with the messages for lines that Flux could not read."""

from typing import Annotated

from pydantic import AfterValidator

from flux.keys.known_hosts import fault_of_known_hosts
from flux.message import Message
from stacks.contract.text_kinds import TextKind, wrong_text

_COMPARED = "that `ssh-keyscan <host>` prints, after comparing it with what the host publishes."


def _readable(text: str) -> str:
    """Lines that Flux can read, all of them."""
    fault = fault_of_known_hosts(text)
    if fault is not None:
        raise wrong_text(Message(fault, "Flux would refuse all lines, and connect to no server.", f"Write the line {_COMPARED}"))
    return text


KnownHosts = Annotated[
    str,
    TextKind(
        "known_hosts lines",
        r"^(#.*\n|\s*\n)*(@[a-z-]+ )?[^\s#]+ +(ssh-|ecdsa-|sk-)[^\s]+ +[A-Za-z0-9+/=]+",
        Message(
            "contains no known_hosts line",
            "Flux would refuse the key of the server.",
            f"Write a line like `host ssh-ed25519 AAAA…` {_COMPARED}",
        ),
        lines=True,
    ),
    AfterValidator(_readable),
]
