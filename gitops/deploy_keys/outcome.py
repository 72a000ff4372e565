"""What a deploy-key command did, line by line, and the table of it."""

from collections.abc import Sequence
from dataclasses import dataclass

GAP = 2
HEADER = ("CREDENTIAL", "KEY", "ACTIVE", "REPOSITORY", "AT GITEA")


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """One key of one repository."""

    credential: str
    key: str
    active: bool
    repository: str
    said: str
    ok: bool = True
    """False where something that was asked for is not so now."""


def all_ok(outcomes: Sequence[Outcome]) -> bool:
    """Whether everything that was asked for is so."""
    return all(outcome.ok for outcome in outcomes)


def table(outcomes: Sequence[Outcome]) -> str:
    """One line for each; nothing is cut off."""
    rows = [HEADER, *(_cells(outcome) for outcome in outcomes)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADER))]
    padded = ["".join(cell.ljust(width + GAP) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join(padded)


def _cells(outcome: Outcome) -> tuple[str, ...]:
    return (outcome.credential, outcome.key, "yes" if outcome.active else "no", outcome.repository, outcome.said)
