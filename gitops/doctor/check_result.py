"""What one look found."""

from dataclasses import dataclass, replace
from enum import StrEnum

from flux.message import Message
from flux.secret_shapes import without_tokens


class State(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARNING = "warning"
    MISSING = "missing"
    FAILED = "failed"
    UNNEEDED = "unneeded"


BAD = (State.MISSING, State.FAILED)
"""What something would fail for."""


@dataclass(frozen=True, kw_only=True)
class Check:
    """One line of the table."""

    group: str
    name: str
    state: State
    found: str = ""
    """A version, an address, a count: what there is."""
    message: Message | None = None
    """What is wrong with it, what would come of it, and what to run; None where nothing is."""


def without_secrets(check: Check) -> Check:
    """As it may be shown: what a program, a server or a file said is in it."""
    told = check.message
    safe = told and told.by_part(without_tokens)
    return replace(check, name=without_tokens(check.name), found=without_tokens(check.found), message=safe)


def all_fine(checks: "list[Check]") -> bool:
    """Whether nothing would fail."""
    return not any(check.state in BAD for check in checks)
