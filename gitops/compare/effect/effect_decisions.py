"""What a person should decide about what Flux does: what it deletes, what may be deleted on the way, and what it no longer applies."""

from collections.abc import Iterable, Iterator

from flux.prune import PRUNE_DISABLED
from gitops.check.follow.synced import KUSTOMIZE_GROUP
from gitops.compare.decisions.of_kustomizations import decided_fields, goes
from gitops.compare.effect.applied_objects import Owner, owner_of
from gitops.compare.effect.effect_changes import file_of, object_name, shown_owner
from gitops.compare.effect.live_world import KUSTOMIZATION, Held, Hold, LiveWorld
from gitops.compare.effect.not_shown import not_shown
from gitops.compare.effect.object_effects import EITHER, FIRST, LEFT, PERHAPS_LEFT, Effect
from gitops.compare.found_changes import Action, Decision
from gitops.compare.hidden_values import ENCRYPTED, SECRET
from gitops.compare.object_changes import shown_id
from gitops.compare.risks import Risk
from gitops.compare.sentence import joined, named, say


def decisions_of_effects(effects: Iterable[Effect], before: LiveWorld, after: LiveWorld) -> Iterator[Decision]:
    """All of them."""
    every = list(effects)
    yield from _of_kustomizations(every, after)
    yield from _of_moves(every)
    yield from _of_old_specs(every)
    for each in every:
        if each.action in (Action.REMOVED, Action.RECREATED):
            yield from _of_what_goes_along(each)
        if any(field.before == ENCRYPTED and field.after == SECRET for field in each.fields):
            text = say("Secret[|s] {*} [is|are] no longer encrypted: [its|their] values are in Git in plain text")
            source = say("{}", each.written.file)
            yield Decision(kind="secret-in-plain-text", says=text, names=(object_name(each.which),), source=source)
    yield from _of_holds(before, after)
    yield from not_shown(before, after)


def broken(before: LiveWorld, after: LiveWorld) -> list[tuple[Owner, Held]]:
    """The Kustomizations that cannot be applied, and could be before, or are new."""
    return [(owner, why) for owner, why in sorted(after.held.items()) if why.hold is Hold.FAILS and not _fails(before, owner)]


def _fails(side: LiveWorld, owner: Owner) -> bool:
    return owner in side.held and side.held[owner].hold is Hold.FAILS


def _is_new(before: LiveWorld, owner: Owner) -> bool:
    """Whether nothing can have applied a Kustomization until now."""
    return owner not in before.applied and owner not in map(owner_of, before.world.not_built)


def _nothing_stops(before: LiveWorld, owners: Iterable[Owner]) -> Risk | None:
    return Risk.NONE if all(_is_new(before, each) for each in owners) else None


def _of_kustomizations(effects: list[Effect], after: LiveWorld) -> Iterator[Decision]:
    for each in effects:
        if each.which[:2] != (KUSTOMIZE_GROUP, KUSTOMIZATION):
            continue
        _, _, namespace, name = each.which
        called, file = shown_owner((namespace, name)), file_of(each)
        if each.action is Action.REMOVED and each.before:
            lost = sum(
                one.owner == (namespace, name) and one.action is Action.REMOVED and one.is_certain and not one.release for one in effects
            )
            known = [say(f", {lost} {'object' if lost == 1 else 'objects'}")] if lost else []
            yield goes(called, each.before.body, file, *known)
        elif each.action is Action.ORPHANED and (namespace, name) in after.left_behind:
            words = "Kustomization[|s] {*} [is|are] no longer in Git, but [keeps|keep] running, because nothing prunes [it|them] ({})"
            yield Decision(kind="kustomization-is-left", says=say(words, each.why), names=(called,), source=file)
        elif each.before and each.after and each.action in (Action.CHANGED, Action.MOVED):
            for one in decided_fields(each.before.body, each.after.body):
                yield Decision(kind=one.kind, says=one.text, names=(called,), source=file, instead=one.instead)


def _of_what_goes_along(each: Effect) -> Iterator[Decision]:
    kind, names, file = each.which[1], (object_name(each.which),), file_of(each)
    if each.which[:2] == ("", "Namespace"):
        text = say("Namespace[|s] {*} [is|are] deleted with everything in [it|them]")
        yield Decision(kind="namespace-is-deleted", says=text, names=names, source=file)
    elif kind == "CustomResourceDefinition":
        text = say("CustomResourceDefinition[|s] {*} [is|are] deleted, and with [it|them] every object of [its kind|their kinds]")
        yield Decision(kind="crd-is-deleted", says=text, names=names, source=file)
    elif each.which[:2] in (("", "PersistentVolumeClaim"), ("", "PersistentVolume")):
        text = say(f"{kind}[|s] {{*}} [is|are] deleted: [its|their] reclaim policy decides whether the data is deleted, too")
        yield Decision(kind="volume-is-deleted", says=text, names=names, source=file)


def _of_moves(effects: list[Effect]) -> Iterator[Decision]:
    together: dict[tuple[Owner, Owner, str], list[Effect]] = {}
    for each in effects:
        if each.moved_from and each.order in (FIRST, EITHER, LEFT, PERHAPS_LEFT):
            together.setdefault((each.moved_from, each.owner, each.order), []).append(each)
    for (source, target, order), moved in together.items():
        one = len(moved) == 1
        along = _taken_along(moved, effects)
        what = named([shown_id(each.which) for each in moved], 3)
        then = _then(order, "it" if one else "them")
        owners = shown_owner(source), shown_owner(target)
        words = [
            what,
            say(f" {'moves' if one else 'move'} from Kustomization {{}} to {{}}. Kustomization {{}} {then}", *owners, owners[0]),
            say(f"{f', with {along}' if along else ''}. "),
            say(
                f"To keep {'it' if one else 'them'}, annotate {'it' if one else 'them'} with {{}} in a change before this one",
                PRUNE_DISABLED,
            ),
        ]
        yield Decision(kind="moves-between-kustomizations", says=joined(words, ""), source=say("{}", moved[0].written.file))


def _then(order: str, it: str) -> str:
    if order == FIRST:
        return f"deletes {it} before the other creates {it} again"
    if order == EITHER:
        return f"may delete {it} before the other takes {it} over"
    deletes = "deletes" if order == LEFT else "may delete"
    return f"{deletes} {it} after the other has left {it} alone (ssa: IfNotPresent), and that one recreates {it} only at its next interval"


def _taken_along(moved: list[Effect], effects: list[Effect]) -> str:
    """What goes with Kustomizations that move; empty if nothing does."""
    gone = {each.which[2:] for each in moved if each.which[:2] == (KUSTOMIZE_GROUP, KUSTOMIZATION)}
    along = sum(each.goes_along and each.owner in gone for each in effects)
    return f"the {'object' if along == 1 else f'{along} objects'} that {'it' if len(gone) == 1 else 'they'} applied" if along else ""


def _of_old_specs(effects: list[Effect]) -> Iterator[Decision]:
    together: dict[Owner, list[Effect]] = {}
    for each in effects:
        if not (each.is_certain or each.goes_along or each.is_open):
            together.setdefault(each.owner, []).append(each)
    for owner, uncertain in together.items():
        lost = [each for each in uncertain if each.action in (Action.REMOVED, Action.RECREATED)]
        what = "delete" if lost else "apply"
        words = [
            say("Kustomization {} changes together with its files, and Flux may apply them with its old spec first. ", shown_owner(owner)),
            say(f"It may then {what} "),
            named([shown_id(each.which) for each in lost or uncertain], 3),
            say("; to rule that out, change the Kustomization in a commit of its own, before the files"),
        ]
        source = say("{}", uncertain[0].written.file)
        yield Decision(kind="old-spec-first", says=joined(words, ""), source=source, instead=None if lost else Risk.NONE)


def _waiting(after: LiveWorld) -> dict[Owner, list[Owner]]:
    """What cannot be applied, or is suspended → what waits for it, or for what waits for it."""
    found: dict[Owner, list[Owner]] = {}
    for owner, why in sorted(after.held.items()):
        first = why.waits_for
        while first and (next_one := after.held[first].waits_for):
            first = next_one
        if first:
            found.setdefault(first, []).append(owner)
    return found


def _of_holds(before: LiveWorld, after: LiveWorld) -> Iterator[Decision]:
    for owner, why in broken(before, after):
        wrong = why.told.wrong if why.told else ""
        # In the form of a compiler, as some reasons begin with the name of an object.
        reason = say("{}: {}", why.place, wrong) if why.place else say("{}", wrong)
        if _is_new(before, owner):
            parts = [say("Kustomization {} cannot be applied: ", shown_owner(owner)), reason, say(". Nothing of it comes")]
        else:
            parts = [say("Kustomization {} can no longer be applied, and what it applied stays as it is. ", shown_owner(owner)), reason]
        yield Decision(kind="build-fails", says=joined(parts, ""), instead=_nothing_stops(before, [owner]))
    for first, waiting in _waiting(after).items():
        if after.held[first].hold is Hold.FAILS and not _fails(before, first):
            names, one = named([shown_owner(each) for each in waiting]), len(waiting) == 1
            words = f"{'Kustomization' if one else 'Kustomizations'} {names.words} {'waits' if one else 'wait'} for {{}}"
            then = f"until that can be applied, nothing of this change reaches {'it' if one else 'them'}"
            says = say(f"{words}: {then}", *names.values, shown_owner(first))
            yield Decision(kind="waits", says=says, instead=_nothing_stops(before, waiting))
    for owner, why in sorted(before.held.items()):
        if why.hold is Hold.FAILS and owner in after.applied and owner not in after.held:
            words = "Kustomization[|s] {*} can be applied again: what had to wait for that is applied, too, and is not all shown"
            yield Decision(kind="build-is-mended", says=say(words), names=(shown_owner(owner),))
