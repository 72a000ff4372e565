"""Passwords, tokens and passphrases: one line of text."""

from flux.message import Message
from flux.secret_shapes import holds_private_key

_SENT_WITH_IT = "The line break would be sent as part of it."


def fault_of_one_line(value: str) -> Message | None:
    """What is wrong with a supplied password, token or passphrase, without showing it."""
    if not value:
        return Message("is empty", "Flux could not log in with it.", "Set the value.")
    if holds_private_key(value):
        # Pulumi binds no ciphertext to its key: in a stack file, one can be moved under the name of another.
        return Message("is a private key", "It would be sent to the server that this logs in to.", "Set the password or token.")
    if value != value.strip("\r\n"):
        return Message("begins or ends with a line break", _SENT_WITH_IT, "Set it again, without the line break.")
    if "\n" in value or "\r" in value:
        return Message(
            "has several lines", "It is probably a file, so Flux could not log in with it.", "Set only the line with the password or token."
        )
    return None
