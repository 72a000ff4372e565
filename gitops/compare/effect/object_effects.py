"""What becomes of each object, as kustomize-controller finds it: by comparing the inventory of a Kustomization with what it built."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from gitops.check.follow.synced import World
from gitops.compare.effect.applied_objects import Applied, AppliedObject, Owner
from gitops.compare.effect.immutable_fields import immutable_change
from gitops.compare.effect.live_world import LiveWorld, all_needs, deletes_on_deletion, deletes_on_prune, is_forced
from gitops.compare.effect.masked_fields import masked_fields
from gitops.compare.field_changes import FieldChange
from gitops.compare.found_changes import Action
from gitops.compare.sentence import NOWHERE, Sentence
from gitops.rendered.stack_view import ObjectId

NO_PRUNE, EXCLUDED, KEPT, SUSPENDED = "prune: false", "prune: disabled", "deletionPolicy: Orphan", "suspend: true"


@dataclass(frozen=True, kw_only=True)
class Effect:
    """What happens to one object."""

    owner: Owner
    """The Kustomization that does it; of an object that moves, the new one."""
    action: Action
    which: ObjectId
    written: AppliedObject
    """Where it is, or was."""
    before: AppliedObject | None = None
    after: AppliedObject | None = None
    fields: tuple[FieldChange, ...] = ()
    """Without what is secret."""
    why: str = ""
    """Why it stays, if its owner is no longer there."""
    moved_from: Owner | None = None
    is_certain: bool = True
    """Whether it happens whatever Flux does first."""
    order: str = ""
    """Of an object that moves: which Kustomization comes first."""
    goes_along: bool = False
    """Whether that is because of what happens to its Kustomization: it is deleted and recreated, or may change."""
    is_open: bool = False
    """Whether it depends on a variable of which it is unknown here whether it is defined."""
    release: str = ""
    """Of an object that a chart makes: its HelmRelease."""
    chart: Sentence = NOWHERE
    """Of a HelmRelease: what is shown of its chart."""


LEFT, PERHAPS_LEFT = "left alone, then deleted", "left alone, then deleted, or deleted first"
"""Of an object with `ssa: IfNotPresent`: the new owner sees it, so it does not apply it, and the old one deletes it."""
FIRST, LAST, EITHER, TAKEN_OVER, BOTH = "deleted first", "taken over first", "either", "taken over", "both"
"""The old owner deletes it before the new one applies it; after; whichever comes first; the old one does not delete; it applies it, too."""


def effects_of(before: LiveWorld, after: LiveWorld) -> Iterator[Effect]:
    """One for each object that does not stay as it is."""
    new_owners = _others(before, after)
    old_owners = {**_owners(before), **_others(after, before)}
    for owner in sorted({*before.applied, *after.applied}):
        old, new = before.applied.get(owner), after.applied.get(owner)
        had = _applied(old)
        has = _applied(new)
        for which in sorted({*had, *has}):
            was, becomes = had.get(which), has.get(which)
            if was and becomes:
                yield from _changed(owner, was, becomes, new)
            elif becomes and (source := old_owners.get(which)) and which not in had:
                yield from _moved(owner, source, which, before, after)
            elif becomes:
                yield Effect(owner=owner, action=Action.ADDED, which=which, written=becomes, after=becomes)
            elif was and which not in new_owners:
                kept = _why_kept(was, old, new)
                action = Action.ORPHANED if kept else Action.REMOVED
                yield Effect(owner=owner, action=action, which=which, written=was, before=was, why=kept)


def effects_between(owner: Owner, old: Applied, new: Applied) -> Iterator[Effect]:
    """What one Kustomization does if it goes from one to the other, and nothing else changes."""
    yield from effects_of(LiveWorld(world=World(), applied={owner: old}), LiveWorld(world=World(), applied={owner: new}))


def _applied(each: Applied | None) -> Mapping[ObjectId, AppliedObject]:
    return {which: item for which, item in each.objects.items() if not item.is_left_alone} if each else {}


def _owners(live: LiveWorld) -> dict[ObjectId, Owner]:
    """Object → one that applies it."""
    return {which: owner for owner, each in sorted(live.applied.items(), reverse=True) for which in _applied(each)}


def _others(before: LiveWorld, after: LiveWorld) -> dict[ObjectId, Owner]:
    """Objects that get an owner which did not have them, and lose one: object → the owner of `after` that newly has it."""
    had = {(owner, which) for owner, each in before.applied.items() for which in _applied(each)}
    has = {(owner, which) for owner, each in after.applied.items() for which in _applied(each)}
    lost = {which for owner, which in had - has}
    return {which: owner for owner, which in sorted(has - had) if which in lost}


def _changed(owner: Owner, was: AppliedObject, becomes: AppliedObject, now: Applied | None) -> Iterator[Effect]:
    if was.body == becomes.body or becomes.says("ssa", "ifnotpresent"):
        return
    fields = masked_fields(was.body, becomes.body, now.synced.spec if now else {})
    anew = now is not None and is_forced(becomes, now.synced) and immutable_change(was.which[:2], was.body, becomes.body)
    if fields:
        yield Effect(
            owner=owner,
            action=Action.RECREATED if anew else Action.CHANGED,
            which=was.which,
            written=becomes,
            before=was,
            after=becomes,
            fields=fields,
        )


def _moved(owner: Owner, source: Owner, which: ObjectId, before: LiveWorld, after: LiveWorld) -> Iterator[Effect]:
    was, becomes = before.applied[source].objects[which], after.applied[owner].objects[which]
    order = _order(source, owner, was, before, after)
    if becomes.says("ssa", "ifnotpresent"):
        if order in (TAKEN_OVER, BOTH):
            return
        order = {LAST: LEFT, EITHER: PERHAPS_LEFT}.get(order, order)
    yield Effect(
        owner=owner,
        action=Action.MOVED,
        which=which,
        written=becomes,
        before=was,
        after=becomes,
        fields=masked_fields(was.body, becomes.body, {}),
        moved_from=source,
        order=order,
    )


def _order(source: Owner, target: Owner, item: AppliedObject, before: LiveWorld, after: LiveWorld) -> str:
    """Which of the two comes first."""
    now = after.applied.get(source)
    if now and item.which in _applied(now):
        return TAKEN_OVER if source in after.held else BOTH
    if _why_kept(item, before.applied[source], now):
        return TAKEN_OVER
    if source in all_needs(target, after):
        return FIRST
    if target in all_needs(source, after):
        return LAST
    return EITHER


def _why_kept(item: AppliedObject, old: Applied | None, new: Applied | None) -> str:
    """Why an object stays in the cluster that its Kustomization no longer has; empty if it is deleted."""
    if item.says("prune", "disabled"):
        return EXCLUDED
    if new is not None:
        return "" if deletes_on_prune(new.synced) else NO_PRUNE
    if old is None or deletes_on_deletion(old.synced):
        return ""
    if old.synced.spec.get("suspend") is True:
        return SUSPENDED
    return KEPT if old.synced.spec.get("deletionPolicy") == "Orphan" else NO_PRUNE
