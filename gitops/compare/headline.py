"""A comparison in one line: of which stacks, how much changes, and the two worst risks."""

from collections.abc import Iterator, Mapping, Sequence

from gitops.compare.found_changes import STACK_GOES, Action, Change, RevisionComparison, StackOutcome
from gitops.compare.risks import Risk
from gitops.compare.sentence import Sentence, joined, say

_VERBS: Mapping[Action | None, tuple[str, str]] = {
    Action.ADDED: ("comes", "come"),
    Action.CHANGED: ("changes", "change"),
    Action.MOVED: ("moves", "move"),
    Action.REMOVED: ("is deleted", "are deleted"),
    Action.RECREATED: ("is recreated", "are recreated"),
    Action.ORPHANED: ("stays without an owner", "stay without an owner"),
    None: ("depends on what Flux does first", "depend on what Flux does first"),
}
_OUTCOMES = {
    StackOutcome.ADDED: ("is new", "are new"),
    StackOutcome.REMOVED: ("is no longer managed", "are no longer managed"),
    StackOutcome.REFUSED: ("would be refused", "would be refused"),
    StackOutcome.NO_LONGER_REFUSED: ("is no longer refused", "are no longer refused"),
}
_MOST_NAMED = 3
_MOST_RISKS = 2
NOTHING_CHANGES, NOTHING_IS_MADE = "Nothing changes in the clusters", "Nothing changes in what the stacks create"


def headline(comparison: RevisionComparison) -> Sentence:
    """`production: 1 change, deletes objects, stops updates; staging is new`."""
    clauses = [*_changes(comparison), *_outcomes(comparison)]
    if clauses:
        return joined(clauses)
    return say(NOTHING_CHANGES if comparison.repository or comparison.followed else NOTHING_IS_MADE)


def _changes(comparison: RevisionComparison) -> Iterator[Sentence]:
    decisions = [each for each in comparison.decisions if each.kind != STACK_GOES]
    concerned = [each.stacks for each in comparison.changes] + [each.stacks for each in (*decisions, *comparison.pending)]
    stacks = list(dict.fromkeys(stack for each in concerned for stack in each))
    if not stacks:
        return
    parts = []
    if own := [each for each in comparison.changes if not each.kustomization]:
        parts.append(_counted(sum(len(each.names) or 1 for each in own), "change"))
    by_flux = _by_flux([each for each in comparison.changes if each.kustomization])
    parts += by_flux
    risks = list(dict.fromkeys(each.risk_words for each in decisions if each.risk_words))
    if any(" deleted" in each for each in by_flux):
        risks = [each for each in risks if each != Risk.DELETES.words]
    if risks:
        parts += [*risks[:_MOST_RISKS], *(["and more to check"] if len(risks) > _MOST_RISKS else [])]
    elif decisions and not parts:
        parts.append(f"{_counted(len(decisions), 'thing')} to check")
    if comparison.pending:
        parts.append("more is applied with it")
    yield joined([_named(stacks), say(", ".join(parts))], ": ")


def _outcomes(comparison: RevisionComparison) -> Iterator[Sentence]:
    for state, verbs in _OUTCOMES.items():
        if stacks := [each.name for each in comparison.stacks if each.state is state]:
            yield joined([_named(stacks), say(verbs[len(stacks) > 1])], " ")


def _named(stacks: Sequence[str]) -> Sentence:
    if len(stacks) > _MOST_NAMED:
        return say(f"{len(stacks)} stacks")
    return joined((say("{}", each) for each in stacks), ", ")


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
