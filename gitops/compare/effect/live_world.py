"""What the cluster would apply after a change, seen from what it applied before.

Not each Kustomization follows: one that is suspended, cannot be built, or waits for such a one stays as it was, and so do its children. And
a child that its parent forgets without pruning goes on.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from flux.message import Message
from gitops.check import requirements
from gitops.check.file_finding import FileFinding, Severity
from gitops.check.findings.decryption_findings import decryption_findings
from gitops.check.findings.judging import StackFacts, is_strict
from gitops.check.findings.namespaces import no_namespace_findings
from gitops.check.findings.variable_findings import variable_findings
from gitops.check.follow.kustomize_build import Build
from gitops.check.follow.synced import KUSTOMIZE_GROUP, Fetch, Synced, World, follow
from gitops.check.repository.documents import items, text
from gitops.check.repository.sops_file import is_encrypted
from gitops.compare.effect.applied_objects import Applied, AppliedObject, Owner, applied_in, owner_of
from gitops.compare.effect.immutable_fields import immutable_change
from gitops.compare.effect.retyped_values import retyped_value
from gitops.compare.effect.stack_keys import NO_KEYS, StackKeys

_MOST_ROUNDS = 20
_HARMLESS = (requirements.NOT_CHECKED, requirements.OWNED_BY_STACK)
"""What a build finds, and Flux applies all the same."""
KUSTOMIZATION = "Kustomization"


class Hold(StrEnum):
    """Why a Kustomization stays as it was."""

    SUSPENDED = "suspended"
    FAILS = "fails"
    WAITS = "waits"
    UNKNOWN = "unknown"
    """It could not be built here, so what Flux does with it is not known."""


@dataclass(frozen=True, kw_only=True)
class Held:
    """One that stays as it was."""

    hold: Hold
    told: Message | None = None
    """Why it fails."""
    place: str = ""
    """Where that is."""
    waits_for: Owner | None = None


@dataclass(kw_only=True)
class LiveWorld:
    """One side of a comparison."""

    world: World
    applied: Mapping[Owner, Applied]
    held: Mapping[Owner, Held] = field(default_factory=dict)
    left_behind: frozenset[Owner] = frozenset()
    """Those that no longer have a file, and that go on."""


@dataclass(frozen=True, kw_only=True)
class Side:
    """A stack, and the files that its cluster gets."""

    facts: StackFacts
    fetch: Fetch
    keys: StackKeys = field(default_factory=StackKeys)

    def followed(self, more: list[Synced], held: Mapping[Owner, Build]) -> World:
        """What comes of it."""
        facts = self.facts
        kustomizations = [*facts.kustomizations, *more]
        return follow(kustomizations, facts.sources, self.fetch, facts.variables, facts.includes, facts.planned.secrets, held=held)


def judged_by_their_keys(before: Side, after: Side) -> tuple[Side, Side]:
    """Both, with the keys for which files have to be encrypted; where those of one side are not all known, no file is judged by them."""
    sides = before, after
    if not all(each.keys.is_complete for each in sides):
        return sides
    was, becomes = (replace(each, facts=replace(each.facts, keys=replace(each.keys.cluster, leaving={}))) for each in sides)
    return was, becomes


def world_before(side: Side) -> LiveWorld:
    """As it is, if Flux has applied all of it; what cannot be built counts as written."""
    world = side.followed([], {})
    failing = failing_in(world, side.facts)
    return LiveWorld(world=world, applied=applied_in(world), held={**failing, **dict(_unknown(world, failing))})


def world_after(before: LiveWorld, side: Side) -> LiveWorld:
    """What Flux makes of the other side."""
    builds = {owner_of(synced): result for synced, result in before.world.built}
    held = {owner: why for owner, why in before.held.items() if why.hold is Hold.UNKNOWN}
    left: dict[Owner, Synced] = {}
    for _ in range(_MOST_ROUNDS):
        world = side.followed(list(left.values()), {owner: builds.get(owner) or Build() for owner in held})
        applied = _kept(before, world, held)
        after = LiveWorld(world=world, applied=applied, held=held, left_behind=frozenset(left))
        refused = {owner: why for owner, why in _refused(before, after) if owner not in held}
        more_held = {owner: why for owner, why in _held(world, side.facts, refused) if owner not in held}
        more_left = {owner_of(each): each for each in _left_behind(before, after) if owner_of(each) not in left}
        if not more_held and not more_left:
            break
        held, left = {**held, **more_held}, {**left, **more_left}
    return after


def _kept(before: LiveWorld, world: World, held: Mapping[Owner, Held]) -> dict[Owner, Applied]:
    """With the variables of before, too, where a Kustomization is not applied again; and those from where compare does not look."""
    elsewhere = {owner_of(each): each for each in world.not_built}
    return {
        **{owner: replace(before.applied[owner], synced=each) for owner, each in elsewhere.items() if owner in before.applied},
        **{
            owner: replace(each, objects=before.applied[owner].objects if owner in before.applied else {}) if owner in held else each
            for owner, each in applied_in(world, before.world).items()
        },
    }


def _held(world: World, facts: StackFacts, refused: Mapping[Owner, Held]) -> Iterator[tuple[Owner, Held]]:
    known = {owner_of(synced): synced for synced, _ in world.built}
    suspended = {owner for owner, synced in known.items() if synced.spec.get("suspend") is True}
    for owner in suspended:
        yield owner, Held(hold=Hold.SUSPENDED)
    failing = {owner: why for owner, why in {**refused, **failing_in(world, facts)}.items() if owner not in suspended}
    yield from failing.items()
    yield from _unknown(world, {owner: Held(hold=Hold.FAILS) for owner in (*failing, *suspended)})
    waiting = [*failing, *suspended]
    seen = {*failing, *suspended}
    while waiting:
        first = waiting.pop()
        for owner, synced in known.items():
            if owner in seen or first not in needs(synced):
                continue
            if first in suspended and known[first].source != synced.source:
                continue  # it is as ready as it was; only of one source, Flux compares the revisions
            seen.add(owner)
            waiting.append(owner)
            yield owner, Held(hold=Hold.WAITS, waits_for=first)


def _unknown(world: World, known: Mapping[Owner, Held]) -> Iterator[tuple[Owner, Held]]:
    """Kustomizations that Flux may well apply, but of which not all could be built here."""
    for synced, result in world.built:
        if owner_of(synced) in known or (result.is_built and not result.unread):
            continue
        found = [(each.message, _place(each)) for each in result.findings if each.requirement in _HARMLESS]
        if why := world.tree_of(synced).not_read.get(result.unread):
            found = [(Message(why.wrong, "", ""), result.unread)]
        told, place = found[0] if found else (None, "")
        yield owner_of(synced), Held(hold=Hold.UNKNOWN, told=told, place=place)


def brought_from_elsewhere(world: World) -> Iterator[tuple[Owner, Message, str]]:
    """What Kustomizations take from other servers, of which nothing is built: whose, what, and the file that names it."""
    for synced, result in world.built:
        for each in result.findings:
            if each.requirement is requirements.NOT_CHECKED and each.severity is Severity.WARNING:
                yield owner_of(synced), each.message, each.file


def _refused(before: LiveWorld, after: LiveWorld) -> Iterator[tuple[Owner, Held]]:
    """Kustomizations with an object that the API server does not change."""
    for owner, now in after.applied.items():
        old = before.applied[owner].objects if owner in before.applied else {}
        for which, item in now.objects.items():
            was = old.get(which)
            if was is None or was is item or is_forced(item, now.synced) or item.is_left_alone or item.says("ssa", "ifnotpresent"):
                continue
            if field_name := immutable_change(which[:2], was.body, item.body):
                told = Message(f"{'/'.join(filter(None, which[1:]))} changes {field_name}, which the API server does not change", "", "")
                yield owner, Held(hold=Hold.FAILS, told=told, place=f"{item.file}{f':{item.line}' if item.line else ''}")
                break


def is_forced(item: AppliedObject, synced: Synced) -> bool:
    """Whether Flux deletes an object that it cannot change, and recreates it."""
    return synced.spec.get("force") is True or item.says("force", "enabled")


def needs(synced: Synced) -> set[Owner]:
    """What it depends on."""
    entries = [entry for entry in items(synced.spec, "dependsOn") if isinstance(entry, dict)]
    return {(text(entry, "namespace") or synced.namespace, text(entry, "name")) for entry in entries}


def all_needs(owner: Owner, live: LiveWorld) -> set[Owner]:
    """What it depends on, and what that depends on."""
    found: set[Owner] = set()
    waiting = [owner]
    while waiting:
        each = live.applied.get(waiting.pop())
        new = needs(each.synced) - found if each else set()
        found |= new
        waiting += new
    return found


def parents_of(live: LiveWorld) -> dict[Owner, Owner]:
    """Kustomization in Git → the one that applies it."""
    return {
        (namespace, name): parent
        for parent, each in live.applied.items()
        for group, kind, namespace, name in each.objects
        if (group, kind) == (KUSTOMIZE_GROUP, KUSTOMIZATION)
    }


def failing_in(world: World, facts: StackFacts) -> dict[Owner, Held]:
    """The Kustomizations of which Flux could not apply anything."""
    return dict(_failing(world, facts))


def _failing(world: World, facts: StackFacts) -> Iterator[tuple[Owner, Held]]:
    strict = is_strict(facts.planned)
    for synced, result in world.built:
        alone = replace(world, built=[(synced, result)])
        found = [*result.findings, *variable_findings(alone, strict=strict), *no_namespace_findings(alone)]
        errors = [each for each in found if each.severity is Severity.ERROR and each.requirement not in _HARMLESS]
        if errors:
            yield owner_of(synced), Held(hold=Hold.FAILS, told=errors[0].message, place=_place(errors[0]))
        elif not synced.decrypts and (closed := [item for item in result.objects if item.kind == "Secret" and is_encrypted(item.body)]):
            told = Message(f"{closed[0]} is encrypted, and {synced} does not decrypt", "Flux refuses it.", "Write spec.decryption.")
            yield owner_of(synced), Held(hold=Hold.FAILS, told=told, place=closed[0].file)
        elif closed_files := [each for each in _unreadable(alone, facts) if each.requirement is requirements.UNREADABLE]:
            yield owner_of(synced), Held(hold=Hold.FAILS, told=closed_files[0].message, place=_place(closed_files[0]))
        elif refused := next(_retyped(world, synced, result), None):
            yield owner_of(synced), refused


def _unreadable(world: World, facts: StackFacts) -> Iterator[FileFinding]:
    """What a check finds of encrypted files. Nothing is decrypted here."""
    return iter(()) if facts.keys is NO_KEYS else decryption_findings(world, facts.keys)


def _retyped(world: World, synced: Synced, result: Build) -> Iterator[Held]:
    known = world.variables_of(synced)
    for item in result.objects:
        if told := retyped_value(item, known):
            yield Held(hold=Hold.FAILS, told=told, place=f"{item.file}{f':{item.line}' if item.line else ''}")


def _place(finding: FileFinding) -> str:
    return f"{finding.file}{f':{finding.line}' if finding.line else ''}"


def _left_behind(before: LiveWorld, after: LiveWorld) -> Iterator[Synced]:
    """Children whose parent no longer has them, and does not prune them."""
    for owner, parent in before.applied.items():
        now = after.applied.get(owner)
        prunes = deletes_on_prune(now.synced) if now else deletes_on_deletion(parent.synced)
        for which, item in parent.objects.items():
            group, kind, namespace, name = which
            if group != KUSTOMIZE_GROUP or kind != KUSTOMIZATION or (now and which in now.objects):
                continue
            is_kept = not prunes or item.says("prune", "disabled") or item.is_left_alone
            gone = (namespace, name)
            if is_kept and gone in before.applied and gone not in after.applied:
                yield before.applied[gone].synced


def deletes_on_prune(synced: Synced) -> bool:
    """Whether a Kustomization deletes what is no longer in its path."""
    return synced.spec.get("prune") is True


def deletes_on_deletion(synced: Synced) -> bool:
    """Whether a Kustomization that goes takes along what it applied (kustomize-controller, finalizerShouldDeleteResources)."""
    if synced.spec.get("suspend") is True:
        return False
    policy = text(synced.spec, "deletionPolicy") or "MirrorPrune"
    return policy in ("Delete", "WaitForTermination") or (policy == "MirrorPrune" and synced.spec.get("prune") is True)
