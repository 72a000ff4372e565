"""What a Kustomization takes along that is deleted and recreated: with it go the objects that it applied, and come again after it."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from gitops.check.follow.synced import KUSTOMIZE_GROUP
from gitops.compare.effect.applied_objects import Owner
from gitops.compare.effect.live_world import KUSTOMIZATION, LiveWorld, deletes_on_deletion
from gitops.compare.effect.object_effects import EITHER, FIRST, Effect
from gitops.compare.found_changes import Action
from gitops.rendered.stack_view import ObjectId


def with_what_is_taken_along(before: LiveWorld, after: LiveWorld, effects: Iterable[Effect]) -> list[Effect]:
    """`effects`, and what becomes of the objects of each Kustomization that moves to another parent, or is deleted on the way."""
    found = {(each.owner, each.which): each for each in effects}
    waiting = [each for each in found.values() if _may_go(each)]
    seen: set[Owner] = set()
    while waiting:
        parent = waiting.pop()
        owner = parent.which[2:]
        if owner in seen or owner not in before.applied or not deletes_on_deletion(before.applied[owner].synced):
            continue
        seen.add(owner)
        is_certain = parent.is_certain and parent.order != EITHER
        for each in _of_its_objects(owner, before, after, found, is_certain=is_certain):
            found[each.owner, each.which] = each
            if _may_go(each):
                waiting.append(each)
    return list(found.values())


def _may_go(each: Effect) -> bool:
    is_kustomization = each.which[:2] == (KUSTOMIZE_GROUP, KUSTOMIZATION)
    goes = each.action is Action.RECREATED or (each.action is Action.MOVED and each.order in (FIRST, EITHER))
    return is_kustomization and goes


def _of_its_objects(
    owner: Owner, before: LiveWorld, after: LiveWorld, found: dict[tuple[Owner, ObjectId], Effect], *, is_certain: bool
) -> Iterator[Effect]:
    now = after.applied.get(owner)
    for which, was in before.applied[owner].objects.items():
        if was.is_left_alone or was.says("prune", "disabled"):
            continue
        known = found.get((owner, which))
        again = now.objects.get(which) if now and owner not in after.held else None
        if again and not again.is_left_alone:
            anew = known or Effect(owner=owner, action=Action.RECREATED, which=which, written=again, before=was, after=again)
            yield replace(anew, action=Action.RECREATED, is_certain=is_certain, goes_along=True)
        elif known is None or known.action is Action.ORPHANED:
            gone = Effect(owner=owner, action=Action.REMOVED, which=which, written=was, before=was)
            yield replace(gone, is_certain=is_certain, goes_along=True)
