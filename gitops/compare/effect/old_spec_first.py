"""What may happen on the way, where a Kustomization in Git changes together with the files that it applies.

The new revision reaches it and its parent at the same moment. If it is the first, it applies the new files with its old spec: it prunes
although `prune: false` or `suspend: true` is in the same commit, and deletes what moves to the new `path`, to recreate it afterwards.
A child that it then applies gets another spec, too.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from gitops.check.follow.kustomize_build import Build, build
from gitops.check.follow.synced import World
from gitops.check.repository.documents import text
from gitops.compare.effect.applied_objects import Applied, Owner, applied_in, owner_of
from gitops.compare.effect.live_world import KUSTOMIZATION, Hold, LiveWorld, Side, all_needs, deletes_on_prune, failing_in, parents_of
from gitops.compare.effect.object_effects import Effect, effects_between, effects_of
from gitops.compare.found_changes import Action


def effects_on_the_way(before: LiveWorld, after: LiveWorld, side: Side, effects: list[Effect]) -> list[Effect]:
    """`effects`, with those that are not certain."""
    found = list(effects)
    stays: dict[Owner, Build] = {}
    for owner, first, result in _applied_first(before, after, side):
        old, now = before.applied[owner], after.applied.get(owner)
        stays_as_it_was = owner in after.held
        stays |= {owner: result} if stays_as_it_was else {}
        own = {each.which: each for each in found if each.owner == owner}
        for each in effects_between(owner, old, first):
            known = own.get(each.which)
            if stays_as_it_was:
                found.append(replace(each, is_certain=False))
            elif each.action is Action.REMOVED and known is not None and known.action is Action.ORPHANED:
                found[found.index(known)] = replace(each, is_certain=False, why=known.why)
            elif each.action is Action.REMOVED and now is not None and each.which in now.objects:
                anew = replace(each, action=Action.RECREATED, written=now.objects[each.which], after=now.objects[each.which])
                again = replace(anew, is_certain=False, fields=known.fields if known else ())
                found = [again if one is known else one for one in found] if known else [*found, again]
    known_ones = {(each.owner, each.which) for each in found}
    return [*found, *(each for each in _of_children(before, after, side, stays) if (each.owner, each.which) not in known_ones)]


def _of_children(before: LiveWorld, after: LiveWorld, side: Side, stays: Mapping[Owner, Build]) -> Iterator[Effect]:
    """What then happens in the Kustomizations that those apply which stay as they are afterwards."""
    if not any(item.kind == KUSTOMIZATION for result in stays.values() for item in result.objects):
        return
    builds = {owner_of(synced): result for synced, result in before.world.built}
    left = [before.applied[owner].synced for owner in after.left_behind if owner in before.applied]
    world = side.followed(left, {**{owner: builds.get(owner) or Build() for owner in after.held}, **stays})
    then = LiveWorld(world=world, applied=applied_in(world, before.world))
    below = _below(stays, after) | _below(stays, then)
    was, becomes = (
        LiveWorld(world=World(), applied={owner: each for owner, each in live.applied.items() if owner in below - after.held.keys()})
        for live in (after, then)
    )
    yield from (replace(each, is_certain=False, goes_along=True) for each in effects_of(was, becomes))


def _below(owners: Iterable[Owner], live: LiveWorld) -> set[Owner]:
    parents, found = parents_of(live), set(owners)
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found - set(owners)


def _applied_first(before: LiveWorld, after: LiveWorld, side: Side) -> Iterator[tuple[Owner, Applied, Build]]:
    """Each Kustomization of which the old spec meets the new files, and what it then applies."""
    parents = parents_of(before)
    for owner, old in before.applied.items():
        synced, now = old.synced, after.applied.get(owner)
        if owner in before.held or owner not in parents or (now is not None and now.synced.spec == synced.spec):
            continue
        if synced.spec.get("suspend") is True or parents[owner] in all_needs(owner, before) or parents[owner] in after.held:
            continue
        if owner in after.held and after.held[owner].hold is Hold.UNKNOWN:
            continue
        if synced.source_key not in after.world.artifacts:
            continue
        result = build(after.world.tree_of(synced), text(synced.spec, "path"), synced.spec, str(synced))
        alone = replace(after.world, built=[(synced, result)])
        if owner not in failing_in(alone, side.facts) and (deletes_on_prune(synced) or owner in after.held):
            yield owner, applied_in(alone, before.world)[owner_of(synced)], result
