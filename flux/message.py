"""The message for one fault, in three parts, so that it can be shown in three lines and compared by part."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Message:
    """One fault in words. Contains neither the place, which is shown with it, nor a secret value."""

    wrong: str
    """What is wrong, as it follows the name of the key or the object: `is required but missing`, `"5 minutes" is not a duration`."""
    consequence: str = ""
    """What it would have caused, as a sentence: `The API server would refuse the GitRepository.`"""
    fix: str = ""
    """What to write or run, as a sentence: `Write 5m.`"""

    def __str__(self) -> str:
        """All of it on one line, as a log shows it."""
        return " ".join(part for part in (ended(self.wrong), self.consequence, self.fix) if part)

    def by_part(self, change: Callable[[str], str]) -> "Message":
        """The message of which each part went through `change`: what must not show goes out of all three."""
        return Message(change(self.wrong), change(self.consequence), change(self.fix))


def message(text: "str | Message") -> Message:
    """A text of one part as a message."""
    return text if isinstance(text, Message) else Message(text)


def ended(text: str) -> str:
    """`text` as the first of several sentences: with a full stop where it has no mark of its own."""
    return text if text.endswith((".", "?", "!", ":")) else f"{text}."
