"""A private key in plain text in a file: everyone who has the repository has the key."""

from flux.message import Message
from flux.secret_shapes import holds_access_token, holds_private_key

PLAIN_TEXT = "in plain text"
"""In what is wrong with each of them."""
IN_PLAIN_TEXT = f"is a private key {PLAIN_TEXT}"
"""What is wrong with it, wherever it is."""
_DISCLOSED_THERE = "Everyone who can read this file, its older commits or the object in the cluster has it."
DISCLOSED = "Everyone who can read this file, now or in an older commit, has the key: it counts as disclosed."


def written_secret(text: str) -> Message | None:
    """The message for a text that everyone can read; None unless its shape shows that it is a secret."""
    if holds_private_key(text):
        what = f"holds a private key {PLAIN_TEXT}"
    elif holds_access_token(text):
        what = f"holds an access token {PLAIN_TEXT}"
    else:
        return None
    return Message(
        what, _DISCLOSED_THERE, "Remove it, replace it wherever it is accepted, and run: pulumi config set --secret gitops:<key>"
    )


def disclosed(key: str | None) -> Message:
    """The message for a private key in plain text. `key`: the configuration key for another one; None where there is none."""
    new = "Remove the line, make another key" if key else "Remove the line, make another key under a name that the stack declares"
    again = "replace every secret that the old key could decrypt"
    return Message(IN_PLAIN_TEXT, DISCLOSED, f"{new}, {again}, and run: pulumi config set --secret {key or 'gitops:<name>'}")
