"""Recipients by the names of their keys, as one text: `2026-05=age1…,2026-11=age1…`."""

import re
from collections.abc import Mapping

from flux.keys.age_identity import RECIPIENT_PATTERN

_RECIPIENT = re.compile(RECIPIENT_PATTERN)


def named_recipients(recipients: Mapping[str, str]) -> str:
    """Key name → recipient, as text."""
    return ",".join(f"{name}={recipient}" for name, recipient in sorted(recipients.items()))


def recipients_in(text: str) -> dict[str, str] | None:
    """Such a text read back; None where it is not one."""
    parts = [each.partition("=") for each in text.split(",")]
    found = {name: recipient for name, _, recipient in parts if name and _RECIPIENT.fullmatch(recipient)}
    return found if len(found) == len(parts) else None
