"""A comparison in one line."""

from collections.abc import Mapping, Sequence

from gitops.compare.found_changes import Action, Change, RevisionComparison, StackOutcome

_VERBS: Mapping[Action | None, tuple[str, str]] = {
    Action.ADDED: ("comes", "come"),
    Action.CHANGED: ("changes", "change"),
    Action.MOVED: ("moves", "move"),
    Action.REMOVED: ("is deleted", "are deleted"),
    Action.RECREATED: ("is deleted and created anew", "are deleted and created anew"),
    Action.ORPHANED: ("stays without an owner", "stay without an owner"),
    None: ("depends on what Flux does first", "depend on what Flux does first"),
}
NOTHING_CHANGES = "Nothing changes in the clusters"


def headline(comparison: RevisionComparison) -> str:
    """`3 changes in 2 stacks, 1 to decide; 1 stack would be refused`. Holds no value of anybody."""
    parts = []
    own = [each for each in comparison.changes if not each.kustomization]
    if own:
        parts.append(f"{_counted(len(own), 'change')} in {_counted(len({stack for each in own for stack in each.stacks}), 'stack')}")
    parts += _by_flux([each for each in comparison.changes if each.kustomization])
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


def _by_flux(changes: Sequence[Change]) -> list[str]:
    """`2 objects come, 1 changes`: how many there are, in whatever number of stacks."""
    objects = [(each.action if each.is_certain else None, diff.name) for each in changes for diff in each.diffs]
    counts = [(sum(what is action for what, _ in objects), verbs) for action, verbs in _VERBS.items()]
    told = [f"{count} {verbs[0] if count == 1 else verbs[1]}" for count, verbs in counts if count]
    if not told:
        return []
    count, _, verb = told[0].partition(" ")
    return [f"{_counted(int(count), 'object')} {verb}", *told[1:]]


def _counted(count: int, one: str) -> str:
    return f"{count} {one}{'' if count == 1 else 's'}"
