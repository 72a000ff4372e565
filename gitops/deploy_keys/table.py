"""The table of a deploy-key command, in plain text."""

from collections.abc import Sequence

from flux.visible_text import visible
from gitops.deploy_keys.outcome import Outcome
from gitops.messages import NOTHING

GAP = 2
HEADER = ("CREDENTIAL", "KEY", "ACTIVE", "REPOSITORY", "AT THE FORGE")


def table(outcomes: Sequence[Outcome]) -> str:
    """One line for each; nothing is cut off."""
    rows = [HEADER, *(_cells(outcome) for outcome in outcomes)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADER))]
    padded = ["".join(cell.ljust(width + GAP) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join(padded)


def _cells(outcome: Outcome) -> tuple[str, ...]:
    written = (outcome.credential, outcome.key or NOTHING, "yes" if outcome.active else "no", outcome.repository.path, outcome.said)
    return tuple(visible(cell) for cell in written)
