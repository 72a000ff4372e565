"""The exception for input that people can correct."""

from flux.key_path import KeyPath, dotted
from flux.message import Message


class FluxInputError(ValueError):
    """Input that cannot become Flux objects. Never holds a secret value."""

    def __init__(self, message: Message, path: KeyPath = ()) -> None:
        self.message = message
        self.path = path
        """The key of the stack file that has to be corrected, without `gitops:`; empty where it is not known."""
        super().__init__(f"{dotted(path)}: {message}" if path else str(message))
