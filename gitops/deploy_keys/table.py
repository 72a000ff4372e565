"""The table of a deploy-key command, in plain text."""

from collections.abc import Sequence

from gitops.columns import in_columns
from gitops.deploy_keys.outcome import Outcome
from gitops.messages import NOTHING

HEADER = ("CREDENTIAL", "KEY", "ACTIVE", "REPOSITORY", "AT THE FORGE")


def table(outcomes: Sequence[Outcome]) -> str:
    """One line for each; nothing is cut off."""
    return "\n".join(in_columns([HEADER, *map(_cells, outcomes)]))


def _cells(outcome: Outcome) -> tuple[str, ...]:
    return (outcome.credential, outcome.key or NOTHING, "yes" if outcome.active else "no", outcome.repository.path, outcome.said)
