"""What happens to many objects, or in many stacks, told once."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from gitops.compare.found_changes import Action, Change, Decision, ObjectDiff
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
    "is deleted and created anew": "are deleted and created anew",
    "is removed": "are removed",
    "is unset": "are unset",
    "is no longer managed": "are no longer managed",
    "may be deleted": "may be deleted",
    "serves": "serve",
    "no longer serves": "no longer serve",
}

_DELETES = (
    "namespace-is-deleted",
    "volume-is-deleted",
    "crd-is-deleted",
    "release-is-reinstalled",
    "kustomization-goes",
    "stack-goes",
    "another-cluster",
    "cluster",
    "controller-goes",
    "crd",
    "moves-between-kustomizations",
    "kustomization-moves",
    "objects-move",
    "on-destroy",
    "old-spec-first",
    "remove-taken-over",
)
_GIVES_AWAY = (
    "secret-in-plain-text",
    "secret-is-copied",
    "secrets-provider",
    "program",
    "workflow",
    "project-file",
    "unencrypted",
    "host-moves",
    "credential-is-sent",
    "recipient",
)
_ALLOWS = ("insecure-host", "acknowledged", "record", "secret-value", "stack-file", "stack-comes")
_CHECKS_LESS = (
    *_ALLOWS,
    "environment",
    "verification",
    "pin",
    "digest",
    "trust",
    "registry",
    "manifests",
    "source-moves",
    "take-over",
)
_LIMITS_LESS = ("network-policy", "lockdown", "force")
_MAY_BREAK = (
    "build-fails",
    "waits",
    "key-goes",
    "variable-goes",
    "variable-changes",
    "active-key",
    "secret-is-replaced",
    "suspended",
    "crd-schema",
    "crd-version",
)
WORST_FIRST = {kind: rank for rank, kind in enumerate((*_DELETES, *_GIVES_AWAY, *_CHECKS_LESS, *_LIMITS_LESS, *_MAY_BREAK))}
"""Kinds of decision, the worst first; others come last."""


def objects_together(changes: Iterable[Change]) -> list[Change]:
    """Changes of one stack: the same change of several objects becomes one, and so do many objects that come or go."""
    every = list(changes)
    crowded = {key for key in map(_crowd, every) if key and sum(_crowd(each) == key for each in every) > _MOST_ALONE}
    groups: dict[object, list[Change]] = {}
    for each in every:
        crowd = _crowd(each)
        same = (
            each.kustomization,
            each.release,
            each.is_certain,
            each.kind,
            each.action,
            each.noun,
            each.what,
            bool(each.names) or id(each),
        )
        key = crowd if crowd in crowded else same
        groups.setdefault(key, []).append(each)
    return [_one(group, crowded=key in crowded) for key, group in groups.items()]


def stacks_together(changes: Iterable[tuple[str, Change]]) -> list[Change]:
    """The same change in several stacks becomes one, of all objects to which it happens in any of them."""
    groups: dict[object, list[tuple[str, Change]]] = {}
    for stack, each in changes:
        owner = each.kustomization, each.release
        key = (owner, each.is_certain, each.kind, each.action, each.noun, _of_several(each.what), bool(each.names))
        groups.setdefault(key, []).append((stack, each))
    return [_of_stacks(group) for group in groups.values()]


def decisions_together(decisions: Iterable[tuple[str, Decision]]) -> list[Decision]:
    """The same of decisions, the worst first."""
    groups: dict[object, list[tuple[str, Decision]]] = {}
    for stack, each in decisions:
        groups.setdefault((each.kind, each.text), []).append((stack, each))
    together = [
        replace(group[0][1], stacks=tuple(dict.fromkeys(stack for stack, _ in group)), source=_sources(each.source for _, each in group))
        for group in groups.values()
    ]
    return sorted(together, key=lambda each: WORST_FIRST.get(each.kind, len(WORST_FIRST)))


def _crowd(change: Change) -> tuple[str, str, Action] | None:
    is_many = change.action is not Action.CHANGED and change.names and not change.kustomization
    return (change.kind, change.noun, change.action) if is_many else None


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
        diffs=tuple(diff for each in group for diff in each.diffs),
    )


def _of_crowd(group: list[Change]) -> Sentence:
    """What happens to all of them, without what is said of each."""
    verbs = {verb for each in group for verb in ("is no longer managed", "is removed") if each.what.words.startswith(verb)}
    return say("are new" if group[0].action is Action.ADDED else _VERBS[verbs.pop()] if len(verbs) == 1 else "are deleted")


def _of_stacks(group: list[tuple[str, Change]]) -> Change:
    first = group[0][1]
    names = tuple(dict.fromkeys(name for _, each in group for name in each.names))
    return replace(
        first,
        stacks=tuple(dict.fromkeys(stack for stack, _ in group)),
        names=names,
        what=_of_several(first.what) if len(names) > 1 else first.what,
        source=_sources(each.source for _, each in group),
        diffs=tuple(_diffs((stack, diff) for stack, each in group for diff in each.diffs)),
    )


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


def _sources(sources: Iterable[Sentence]) -> Sentence:
    found = list(dict.fromkeys(source for source in sources if source != NOWHERE))
    more = [say(f"{len(found) - _MOST_PLACES} more places")] if len(found) > _MOST_PLACES else []
    return joined([*found[:_MOST_PLACES], *more], ", ")
