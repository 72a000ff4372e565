"""What Flux's data layer refuses, as a message of a command: without the key of the stack file, which the command did not read."""

from flux.errors import FluxInputError
from flux.message import Message

_KEY = "flux.manifests: "


def fault(error: FluxInputError) -> Message:
    """The error's own message; of one that is a text alone, that text."""
    told = getattr(error, "message", None)
    return told if isinstance(told, Message) else Message(str(error).removeprefix(_KEY))
