"""A comparison in one line."""

from gitops.compare.found_changes import RevisionComparison, StackOutcome

NOTHING_CHANGES = "Nothing changes in the clusters"


def headline(comparison: RevisionComparison) -> str:
    """`3 changes in 2 stacks, 1 to decide; 1 stack would be refused`. Holds no value of anybody."""
    parts = []
    touched = {stack for each in comparison.changes for stack in each.stacks}
    if comparison.changes:
        parts.append(f"{_counted(len(comparison.changes), 'change')} in {_counted(len(touched), 'stack')}")
    if comparison.decisions:
        parts.append(f"{_counted(len(comparison.decisions), 'thing')} to decide")
    if comparison.pending:
        parts.append("more is applied with it")
    for state, what in (
        (StackOutcome.ADDED, "new"),
        (StackOutcome.REMOVED, "gone"),
        (StackOutcome.REFUSED, "refused"),
        (StackOutcome.NO_LONGER_REFUSED, "no longer refused"),
    ):
        if count := sum(each.state is state for each in comparison.stacks):
            parts.append(f"{_counted(count, 'stack')} {what}")
    return ", ".join(parts) or NOTHING_CHANGES


def _counted(count: int, one: str) -> str:
    return f"{count} {one}{'' if count == 1 else 's'}"
