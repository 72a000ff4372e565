"""How `gitops new` refuses an answer: the three parts of a message as the command's own error."""

from flux.message import Message
from gitops.errors import CommandError


def mistake(wrong: str, consequence: str = "", fix: str = "") -> CommandError:
    """An error in three parts."""
    return CommandError(Message(wrong, consequence, fix))
