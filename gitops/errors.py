"""The exception that ends a command: a message for the person, without a traceback."""

from flux.message import Message, message


class CommandError(Exception):
    """Something the person can act on. Never holds a secret value."""

    def __init__(self, told: Message | str, details: str = "", *, in_colours: str = "") -> None:
        """`told`: what is wrong, its consequence, and the fix; `details`: lines that are shown below as they are.

        `in_colours`: these lines for a terminal that shows colours, without anything else that a terminal obeys.
        """
        if isinstance(told, str) and not details:
            told, _, details = told.partition("\n")
        self.message = message(told)
        self.details = details
        self.details_in_colours = in_colours
        super().__init__("\n".join(part for part in (str(self.message), details) if part))
