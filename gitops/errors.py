"""The exception that ends a command: a message for the person, without a traceback."""

from flux.message import Message, message


class CommandError(Exception):
    """Something the person can act on. Never holds a secret value."""

    def __init__(self, told: Message | str, details: str = "") -> None:
        """`told`: what is wrong, its consequence, and the fix; `details`: lines that are shown below as they are."""
        if isinstance(told, str) and not details:
            told, _, details = told.partition("\n")
        self.message = message(told)
        self.details = details
        super().__init__("\n".join(part for part in (str(self.message), details) if part))
