"""Variables that a Kustomization newly needs, and that only what was not read here could define: if that does not, Flux applies nothing.

What was used before was defined, or nothing of that Kustomization would be applied.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from gitops.check.findings.variable_findings import needed_variables
from gitops.check.follow.synced import Synced, World
from gitops.check.repository.documents import text
from gitops.compare.effect.applied_objects import Owner, owner_of
from gitops.compare.effect.effect_changes import shown_owner
from gitops.compare.effect.live_world import LiveWorld, all_needs, parents_of
from gitops.compare.effect.object_effects import Effect
from gitops.compare.found_changes import Decision
from gitops.compare.risks import Risk
from gitops.compare.sentence import joined, named, say

_Source = tuple[str, str, str]
Open = Mapping[Owner, tuple[list[str], list[_Source]]]
"""Kustomization → names of variables, and what may define them."""


def variables_needed_anew(before: LiveWorld, after: LiveWorld, *, strict: bool) -> Open:
    """`strict`: whether an undefined variable fails the build; otherwise there are none."""
    if not strict:
        return {}
    defined: dict[tuple[_Source, ...], set[str]] = {}
    for _, names, sources in _needed(before.world):
        defined.setdefault(sources, set()).update(names)
    found = ((owner, sorted(names - defined.get(sources, set())), list(sources)) for owner, names, sources in _needed(after.world))
    return {owner: (names, sources) for owner, names, sources in found if names and owner not in after.held}


def with_doubt(effects: Iterable[Effect], new: Open, after: LiveWorld) -> list[Effect]:
    """`effects`, of which those are not certain that a build may keep from happening."""
    parents = parents_of(after)
    return [replace(each, is_certain=False, is_open=True) if _is_open(each.owner, new, after, parents) else each for each in effects]


def decisions_of_variables(new: Open) -> Iterator[Decision]:
    """One for each Kustomization."""
    for owner, (names, sources) in sorted(new.items()):
        uses, who = named([f"${{{name}}}" for name in names], 3), named(["/".join(each) for each in sources], 3)
        words = [
            say("Kustomization {} now needs ", shown_owner(owner)),
            uses,
            say(" from elsewhere: unless "),
            who,
            say(f" {'defines' if len(sources) == 1 else 'define'} {'it' if len(names) == 1 else 'them'} in the cluster, "),
            say("Flux applies none of it"),
        ]
        yield Decision(kind="not-shown", says=joined(words, ""), instead=Risk.MAY_STOP)


def _needed(world: World) -> Iterator[tuple[Owner, set[str], tuple[_Source, ...]]]:
    for synced, result in world.built:
        known = world.variables_of(synced)
        sources = tuple(_unread(world, synced))
        if known.is_substituted and not known.is_all and sources:
            names = {name for item in result.objects for name in needed_variables(item) if name not in known.values}
            yield owner_of(synced), names, sources


def _unread(world: World, synced: Synced) -> Iterator[_Source]:
    for entry in synced.substitutes_from:
        source = text(entry, "kind"), synced.namespace, text(entry, "name")
        if source not in world.variable_sources.contents:
            yield source


def _is_open(owner: Owner, new: Open, after: LiveWorld, parents: Mapping[Owner, Owner]) -> bool:
    """Whether it, what it waits for, or what applies it may fail."""
    seen: set[Owner] = set()
    while owner not in seen:
        if owner in new or all_needs(owner, after) & new.keys():
            return True
        seen.add(owner)
        owner = parents.get(owner, owner)
    return False
