"""What is wrong with a URL that names no server: one judgement for every address in the files and in the objects."""

from flux.addresses import address_of
from flux.message import Message

NO_SERVER = Message(
    "has no valid host or port",
    "Flux could not connect.",
    "Write host or host:port after ://, with an IPv6 address in brackets, like https://[fd00::1]:3000.",
)


def wrong_url(url: str) -> Message | None:
    """What is wrong with the server that `url` names; None when it could be connected to."""
    return NO_SERVER if address_of(url) is None else None
