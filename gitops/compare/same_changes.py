"""What happens to many objects, or in many stacks, told once."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace

from gitops.compare.found_changes import Action, Change, Decision, ObjectDiff, worst_first
from gitops.compare.sentence import NOWHERE, Sentence, joined, say

_MOST_ALONE = 5
"""So many objects that come or go are shown one by one."""
_MOST_PLACES = 3
_VERBS = {
    "is new": "are new",
    "is deleted, and its release is uninstalled": "are deleted, and their releases are uninstalled",
    "is deleted": "are deleted",
    "stays": "stay",
    "moves": "move",
    "is recreated": "are recreated",
    "is encrypted": "are encrypted",
    "is also encrypted": "are also encrypted",
    "is no longer encrypted": "are no longer encrypted",
    "is removed": "are removed",
    "is no longer managed": "are no longer managed",
    "may be deleted": "may be deleted",
    "serves": "serve",
    "no longer serves": "no longer serve",
}


def changes_together(changes: Iterable[tuple[str, Change]]) -> list[Change]:
    """Stack by stack → told once: the same change of an object in several stacks, and then of several objects in the same stacks."""
    return objects_together(_stacks_together(changes))


def objects_together(changes: Iterable[Change]) -> list[Change]:
    """The same change of several objects becomes one, and so do many objects that come or go."""
    every = list(changes)
    crowded = {key for key, count in Counter(map(_crowd, every)).items() if key and count > _MOST_ALONE}
    groups: dict[object, list[Change]] = {}
    for each in every:
        crowd = _crowd(each)
        groups.setdefault(crowd if crowd in crowded else (_same(each), each.stacks, bool(each.names) or id(each)), []).append(each)
    return [_one(group, crowded=key in crowded) for key, group in groups.items()]


def decisions_together(decisions: Iterable[tuple[str, Decision]]) -> list[Decision]:
    """What is said of several objects of a stack, or in several stacks, once; the worst first."""
    objects: dict[object, list[tuple[str, Decision]]] = {}
    for stack, each in decisions:
        objects.setdefault((stack, each.kind, each.risk_words, each.says, bool(each.names) or id(each)), []).append((stack, each))
    stacks: dict[object, list[tuple[str, Decision]]] = {}
    for group in objects.values():
        stack, first = group[0]
        names = tuple(dict.fromkeys(name for _, each in group for name in each.names))
        one = replace(first, names=names, source=_sources(each.source for _, each in group))
        stacks.setdefault((one.kind, one.risk_words, one.text), []).append((stack, one))
    together = [
        replace(group[0][1], stacks=tuple(dict.fromkeys(stack for stack, _ in group)), source=_sources(each.source for _, each in group))
        for group in stacks.values()
    ]
    return worst_first(*together)


def _stacks_together(changes: Iterable[tuple[str, Change]]) -> Iterator[Change]:
    groups: dict[object, list[tuple[str, Change]]] = {}
    for stack, each in changes:
        groups.setdefault((_same(each), each.names), []).append((stack, each))
    for group in groups.values():
        yield replace(
            group[0][1],
            stacks=tuple(dict.fromkeys(stack for stack, _ in group)),
            source=_sources(each.source for _, each in group),
            each_with_place=_if_same(each.each_with_place for _, each in group),
            diffs=tuple(_diffs((stack, diff) for stack, each in group for diff in each.diffs)),
        )


def _same(change: Change) -> object:
    """What has to be equal for two changes to be told as one."""
    owner = change.kustomization, change.release
    return owner, change.is_certain, change.kind, change.action, change.noun, change.what


def _crowd(change: Change) -> tuple[str, str, Action, tuple[str, ...]] | None:
    is_many = change.action is not Action.CHANGED and change.names and not change.kustomization
    return (change.kind, change.noun, change.action, change.stacks) if is_many else None


def _one(group: list[Change], *, crowded: bool) -> Change:
    if len(group) == 1:
        return group[0]
    first = group[0]
    what = _of_crowd(group) if crowded else _of_several(first.what)
    return replace(
        first,
        names=tuple(name for each in group for name in each.names),
        what=what,
        source=_sources(each.source for each in group),
        each_with_place=NOWHERE if crowded else _if_same(each.each_with_place for each in group),
        diffs=tuple(diff for each in group for diff in each.diffs),
    )


def _of_crowd(group: list[Change]) -> Sentence:
    """What happens to all of them, without what is said of each."""
    verbs = {verb for each in group for verb in ("is no longer managed", "is removed") if each.what.words.startswith(verb)}
    return say("are new" if group[0].action is Action.ADDED else _VERBS[verbs.pop()] if len(verbs) == 1 else "are deleted")


def _diffs(diffs: Iterable[tuple[str, ObjectDiff]]) -> Iterator[ObjectDiff]:
    """The same diff of an object in several stacks becomes one."""
    groups: dict[object, list[tuple[str, ObjectDiff]]] = {}
    for stack, diff in diffs:
        groups.setdefault((diff.name, repr(diff.fields)), []).append((stack, diff))
    for group in groups.values():
        yield replace(group[0][1], stacks=tuple(stack for stack, _ in group))


def _of_several(what: Sentence) -> Sentence:
    """`go` for `goes`: what the sentence begins with, if it is a verb."""
    for one, several in _VERBS.items():
        if what.words == one or what.words.startswith((f"{one};", f"{one},", f"{one}:", f"{one} ")):
            return Sentence(several + what.words.removeprefix(one), what.values)
    return what


def _if_same(told: Iterable[Sentence]) -> Sentence:
    """The one of all; where they differ, the places are named together."""
    every = set(told)
    return every.pop() if len(every) == 1 else NOWHERE


def _sources(sources: Iterable[Sentence]) -> Sentence:
    found = list(dict.fromkeys(source for source in sources if source != NOWHERE))
    more = len(found) - _MOST_PLACES
    told = [say(f"{more} more place{'' if more == 1 else 's'}")] if more > 0 else []
    return joined([*found[:_MOST_PLACES], *told], "; ")
