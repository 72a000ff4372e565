"""What could be anything: Kustomizations that could not be built here, and what they take from other servers.

The author of a change must not be able to hide something in it from who reads this.
"""

import filecmp
from collections.abc import Iterator

from gitops.check.follow.kustomize_build import within
from gitops.check.repository.documents import text
from gitops.check.repository.tree import Tree
from gitops.compare.effect.applied_objects import Owner
from gitops.compare.effect.effect_changes import shown_owner
from gitops.compare.effect.live_world import Held, Hold, LiveWorld, brought_from_elsewhere
from gitops.compare.found_changes import Decision
from gitops.compare.sentence import Sentence, joined, say


def not_shown(before: LiveWorld, after: LiveWorld) -> Iterator[Decision]:
    """What a person should look at, because it changes and is not known here."""
    for owner, why in _unknown(after):
        if not _is_unknown(before, owner):
            text_of = joined([say("What Flux does with Kustomization {} is not known here", shown_owner(owner)), *_reason(why)], "")
            yield Decision(kind="not-shown", says=text_of)
        elif _changes(before, after, owner):
            words = "Kustomization {} changes, and could not be built here before: what this change does with it is not known"
            yield Decision(kind="not-shown", says=joined([say(words, shown_owner(owner)), *_reason(why)], ""))
    was, becomes = (set(brought_from_elsewhere(each.world)) for each in (before, after))
    for owner, told, file in sorted(was ^ becomes, key=str):
        side = "then" if (owner, told, file) in becomes else "until then"
        words = f"What Kustomization {{}} takes from elsewhere {side} is not known here: {{}} {{}}"
        yield Decision(kind="not-shown", says=say(words, shown_owner(owner), file, told.wrong))


def not_known_on_either_side(before: LiveWorld, after: LiveWorld) -> Iterator[Sentence]:
    """Kustomizations that could not be built here, and of which nothing changes."""
    for owner, why in _unknown(after):
        if _is_unknown(before, owner) and not _changes(before, after, owner):
            words = "What Kustomization {} makes is not known here on either side, and none of its files change"
            yield joined([say(words, shown_owner(owner)), *_reason(why)], "")


def _unknown(live: LiveWorld) -> list[tuple[Owner, Held]]:
    return [(owner, why) for owner, why in sorted(live.held.items()) if why.hold is Hold.UNKNOWN]


def _is_unknown(live: LiveWorld, owner: Owner) -> bool:
    return owner in live.held and live.held[owner].hold is Hold.UNKNOWN


def _reason(why: Held) -> list[Sentence]:
    return [say(": {} {}", why.place, why.told.wrong)] if why.told else []


def _changes(before: LiveWorld, after: LiveWorld, owner: Owner) -> bool:
    """Whether a file of its path, a file from which it is known to take something, or its own spec is another one."""
    specs = [each.applied[owner].synced.spec if owner in each.applied else None for each in (before, after)]
    if specs[0] != specs[1]:
        return True
    for synced, result in before.world.built:
        if (synced.namespace, synced.name) == owner and synced.source_key in after.world.artifacts:
            old, new = before.world.tree_of(synced), after.world.artifacts[synced.source_key]
            path = within(text(synced.spec, "path"))
            files = {*old.below(path), *new.below(path), *result.files, result.unread} - {""}
            return any(not _is_same(old, new, file) for file in files)
    return True


def _is_same(old: Tree, new: Tree, file: str) -> bool:
    if file not in old.shipped or file not in new.shipped:
        return file not in old.shipped and file not in new.shipped
    if old.content(file) != new.content(file):
        return False
    if file not in old.not_read and file not in new.not_read:
        return True
    try:
        return filecmp.cmp(old.root / file, new.root / file, shallow=False)
    except OSError:
        return False
