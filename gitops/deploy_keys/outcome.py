"""What a deploy-key command did, line by line."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from gitops.forges.hosted_repository import Repository


class KeyState(StrEnum):
    """The state of a key at a forge now. The values are in the JSON document, so they are not renamed while its version is 1."""

    REGISTERED = "registered"
    """It is registered: it was before, or was just added."""
    ABSENT = "absent"
    LEFT_OVER = "left-over"
    """It is registered, but no longer a key of the stack."""
    TOO_OLD = "too-old"
    """It was not added, as it is older than the active one."""
    NEXT = "next"
    """It was kept, as the stack does not use it yet."""
    KEPT = "kept"
    """It was not removed, because Flux has not fetched with the active key."""
    REMOVED = "removed"
    WOULD_REGISTER = "would-register"
    WOULD_REMOVE = "would-remove"
    REFUSED = "refused"
    """The forge refuses what was asked for."""
    NOT_ASKED = "not-asked"
    """No forge can be asked about that repository, or was."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """One key of one repository."""

    credential: str
    key: str | None
    """None: the repository as a whole."""
    active: bool
    repository: Repository
    forge: str | None
    """Kind of the forge that was asked."""
    state: KeyState
    said: str
    id: int | None = None
    """The forge's own, of a key that it has, or had."""
    ok: bool = True
    """False where something that was asked for is not so now."""


def all_ok(outcomes: Sequence[Outcome]) -> bool:
    """Whether everything that was asked for is so."""
    return all(outcome.ok for outcome in outcomes)
