"""A private key in plain text in a file: everyone who has the repository has the key."""

from flux.message import Message

IN_PLAIN_TEXT = "is a private key in plain text"
"""What is wrong with it, wherever it is."""
DISCLOSED = "Everyone who can read this file, now or in an older commit, has the key: it counts as disclosed."


def disclosed(key: str | None) -> Message:
    """What to tell of a private key in plain text. `key`: the configuration key for another one; None where there is none."""
    new = "Remove the line, make another key" if key else "Remove the line, make another key under a name that the stack declares"
    again = "replace every secret that the old key could decrypt"
    return Message(IN_PLAIN_TEXT, DISCLOSED, f"{new}, {again}, and run: pulumi config set --secret {key or 'gitops:<name>'}")
