"""A private key that stands in a file in plain text: whoever could read the file has it, and whoever has the repository can read it."""

from flux.message import Message

IN_PLAIN_TEXT = "is a private key in plain text"
"""What is wrong with it, wherever it stands."""
DISCLOSED = "Whoever reads this file, or an older commit of it, can decrypt or log in with it: the key counts as disclosed."


def disclosed(key: str | None) -> Message:
    """What to say of a private key in plain text. `key`: the secret key that may hold another; None where none should."""
    command = f"pulumi config set --secret {key or 'gitops:<name>'}"
    where = "set it" if key else "set it under a name that the stack declares"
    again = "Encrypt anew what the old key could read, with new values."
    return Message(IN_PLAIN_TEXT, DISCLOSED, f"Remove the line, make another key, and {where}: {command}. {again}")
