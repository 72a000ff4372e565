"""known_hosts lines, with the messages for lines that Flux could not read."""

from typing import Annotated

from pydantic import AfterValidator

from flux.keys.known_hosts import COMPARED, fault_of_known_hosts
from flux.message import Message
from stacks.contract.text_kinds import TextKind, wrong_text


def _readable(text: str) -> str:
    """Lines that Flux can read, all of them."""
    fault = fault_of_known_hosts(text)
    if fault is not None:
        raise wrong_text(fault)
    return text


KnownHosts = Annotated[
    str,
    TextKind(
        "known_hosts lines",
        r"^(#.*\n|\s*\n)*(@[a-z-]+ )?[^\s#]+ +(ssh-|ecdsa-|sk-)[^\s]+ +[A-Za-z0-9+/=]+",
        Message(
            "contains no known_hosts line",
            "Flux would refuse the key of the server.",
            f"Write a line like `host ssh-ed25519 AAAA…` {COMPARED}",
        ),
        lines=True,
    ),
    AfterValidator(_readable),
]
