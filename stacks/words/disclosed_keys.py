"""A private key that stands in a file in plain text: whoever could read the file has it, and whoever has the repository can read it."""

import re

_PRIVATE_KEY = re.compile(r"(?i)AGE-SECRET-KEY-|PRIVATE KEY-----")
IN_PLAIN_TEXT = (
    "is a private key in plain text: who reads this file, or an older commit of it, can decrypt or log in with it, "
    "so it counts as disclosed"
)
"""What is wrong with it, wherever it stands."""


def holds_private_key(text: str | None) -> bool:
    """Whether somebody wrote a private key there, of age or in PEM, with whatever around it."""
    return text is not None and _PRIVATE_KEY.search(text) is not None


def disclosed(key: str | None) -> str:
    """The sentence for a private key in plain text. `key`: the secret key that may hold another; None where none should."""
    instead = (
        f"set it: pulumi config set --secret {key}"
        if key
        else "set it under a name that the stack declares: pulumi config set --secret gitops:<name>"
    )
    return f"{IN_PLAIN_TEXT}. Remove the line, make another key, {instead}; encrypt anew what the old one could read, with new values"
