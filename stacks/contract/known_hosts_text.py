"""known_hosts lines as people write them, with the sentences for those that Flux could not read."""

from typing import Annotated

from pydantic import AfterValidator

from flux.keys.known_hosts import fault_of_known_hosts
from stacks.contract.text_kinds import Kind, wrong_text


def _readable(text: str) -> str:
    """Lines that Flux can read, all of them."""
    fault = fault_of_known_hosts(text)
    if fault is not None:
        raise wrong_text(
            f"{fault}; Flux would refuse all of it, and connect to no server. "
            "Write it as `ssh-keyscan <host>` prints it, compared with what the host publishes"
        )
    return text


KnownHosts = Annotated[
    str,
    Kind(
        "known_hosts lines",
        r"^(#.*\n|\s*\n)*(@[a-z-]+ )?[^\s#]+ +(ssh-|ecdsa-|sk-)[^\s]+ +[A-Za-z0-9+/=]+",
        "holds no known_hosts line, so Flux would refuse the server's key; write lines like `host ssh-ed25519 AAAA…`, "
        "as `ssh-keyscan host` prints them, compared with what the host publishes",
        lines=True,
    ),
    AfterValidator(_readable),
]
