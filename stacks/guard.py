"""The look before anything is touched: which objects of the stack exist already, and who owns them.

Every create takes over what exists, so that an interrupted `up` and a lost state need nothing but `up`. That is right for what is the
stack's own. What is somebody else's is refused, unless the stack file names from whom it is taken.
"""

import time
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from shlex import quote
from typing import TYPE_CHECKING, Any

from flux.bodies import SOPS_AGE_SECRET
from flux.message import Message
from flux.object_reference import FLUX_NAMESPACE, ObjectReference, reference_of
from flux.owners_mark import CLUSTER_UID_ANNOTATION, TAKEN_ANNOTATION
from flux.secret_shapes import without_tokens
from flux.visible_text import visible
from live.access.api_server import unreachable_is_meant, why_silent
from live.access.target import Target
from live.client.object_metadata import LiveMetadata
from live.errors import LiveError, UnreachableError
from live.flux_objects.age_secret import LiveAgeKeys
from live.ownership.field_writers import added_fields
from live.ownership.object_owners import CLUSTER_OWNER, OURS, STACK_OWNER, made_by, owner_of, owners_among
from live.ownership.wanted_objects import WantedObject, plural_of
from stacks.inputs.limited_run import limited_by
from stacks.inputs.own_state import UnreadableStateError, own_state
from stacks.inputs.pinned_cluster import PinnedCluster
from stacks.judging.cluster_uid import another_cluster, not_of_the_state
from stacks.judging.left_shards import left_in_shards, of_other_shards, sharded_kinds
from stacks.judging.live_age_keys import keys_lost_by
from stacks.judging.other_owners import by_owner, listed, message_about
from stacks.judging.release_change import installed_versions, newest
from stacks.kept_keys import live_age_keys, with_kept_keys, with_kept_ssh_keys
from stacks.left_behind import makeable_kinds, removal_of, tell_kept, tell_left_behind
from stacks.made_objects import made_objects
from stacks.other_release import other_release
from stacks.restoring import ToRestore, is_emptied, is_scaled_to_zero, restore, state_of
from stacks.settings import Settings
from stacks.words import log
from stacks.words.place import outside
from stacks.words.problems import Problem, StackProblems
from stacks.words.said_of_cluster import would_refuse

if TYPE_CHECKING:
    from live.ownership.owned_objects import ListedObjects, OwnedObjects

NAMESPACE = ObjectReference("Namespace", "", FLUX_NAMESPACE)
AGE_KEYS = ObjectReference("Secret", FLUX_NAMESPACE, SOPS_AGE_SECRET)
PREVIEW_SECONDS = 2.0
"""How long a preview waits for a cluster that may not be reachable from where it runs."""
GOING_SECONDS = 120.0
"""How long `up` waits for what is being deleted to be gone. Kubernetes looks at a namespace that is not empty yet less and less often."""


def look_before(settings: Settings) -> Settings:
    """Refuse what is somebody else's, and make the stack the owner of the fields of what it takes over. A preview only says so.

    Returns the settings with the generated keys that the cluster has, for age and SSH: none of them is generated again.

    Raises:
        StackProblems: in `up`, objects of somebody else, or a cluster that does not say who owns them; in a preview, too, an age key that
            would be lost.
    """
    cluster = settings.cluster
    if cluster is None:
        return settings  # a preview: `up` does not come so far
    if settings.preview and why_silent(cluster.reached, PREVIEW_SECONDS):
        return settings
    problems: list[Problem] = []
    try:
        settings = _looked(settings, cluster, problems)
    except LiveError as error:
        if isinstance(error, UnreachableError) and unreachable_is_meant():
            return settings
        problems = [Problem(outside(error.where), error.message)]
    if problems and not settings.preview:
        raise StackProblems(problems)
    for each in problems:
        log.warn(would_refuse(str(each)))
    return settings


def _looked(settings: Settings, cluster: PinnedCluster, problems: list[Problem]) -> Settings:
    definitions = settings.installation.objects.definitions
    bodies = {reference_of(each.body): each.body for each in made_objects(settings)}
    wanted = {
        reference: WantedObject(str(body["apiVersion"]), plural_of(reference.kind, definitions), reference)
        for reference, body in bodies.items()
    }
    target = Target(cluster.shown, cluster.reached, is_option=False)
    owned = connected(target)
    try:
        found, beside = _settled(owned, wanted.values(), settings)
        unwanted = {key: each for key, each in made_by(beside, settings.mark).items() if key not in wanted}
        owners = {reference: owner_of(each, settings.mark) for reference, each in found.items()}
        uid, namespace = owned.cluster_uid(), found.get(NAMESPACE) if owners.get(NAMESPACE) == OURS else None
        problems += another_cluster(settings.stack, settings.place, uid, namespace)
        problems += _refused(owners, found, settings)
        problems += _terminating(owners, found, settings)
        problems += other_release(found, wanted, settings, owned)
        problems += _left_shards(bodies, settings, owned)
        is_own = owners.get(AGE_KEYS) == OURS
        if is_own or owners.get(AGE_KEYS) in settings.stack.take_over:
            keys = live_age_keys(found[AGE_KEYS], settings, lambda: owned.values_of(wanted[AGE_KEYS]), is_own=is_own)
            if refused := [*keys_lost_by(settings.stack, settings.recipients, keys, settings.place, is_own=is_own)]:
                raise StackProblems([*problems, *refused])
            settings = with_kept_keys(settings, keys) if is_own else settings
        own = {reference: each for reference, each in found.items() if owners[reference] == OURS}
        # Not where the run is refused: the question alone puts a provider of the engine's own into the state.
        missing = wanted.keys() - found.keys() | {key for key, each in own.items() if is_emptied(bodies[key], each)}
        # Where the role may not read kube-system, the state alone knows which cluster it is of, and keeps that.
        asked = missing | unwanted.keys() | ({NAMESPACE} if uid is None else set())
        state = state_of(() if problems else asked, lambda: own_state(settings.stack_name))
        problems += not_of_the_state(settings.stack, settings.place, uid, state.cluster_uid)
        lost = {reference: output for reference, output in state.objects.items() if reference in missing}
        if AGE_KEYS in lost:
            settings = with_kept_keys(settings, LiveAgeKeys.of(lost[AGE_KEYS].values))
        annotations = {**{name: each.annotations for name, each in lost.items()}, **{name: each.annotations for name, each in own.items()}}
        settings = with_kept_ssh_keys(
            settings, annotations, lambda secret: lost[secret].values if secret in lost else owned.values_of(wanted[secret])
        )
        if not problems and not settings.preview:
            owned.keep_fields({wanted[reference]: (each, _states_suspend(bodies[reference])) for reference, each in own.items()})
            owned.take_fields({wanted[reference]: (each, owners[reference]) for reference, each in found.items()})
            if uid and namespace and namespace.annotations.get(CLUSTER_UID_ANNOTATION) != uid:
                owned.note_cluster(wanted[NAMESPACE], uid)
            owned.note_former_owners({wanted[reference]: owner for reference, owner in owners.items() if _is_somebody_elses(owner)})
        settings = replace(settings, cluster_uid=uid or state.cluster_uid)
        if former := installed_versions(found):
            settings = replace(settings, former_release=newest(former))
        if not settings.stack.remove_taken_over:
            settings = replace(settings, retained=_taken_over(owners, found))
        if problems:
            return settings
        left = {key: each for key, each in unwanted.items() if state.is_known and key not in state.objects}
        return _restored(_without(left, settings, target), bodies, wanted, own, frozenset(lost), target)
    finally:
        owned.close()


def _settled(owned: "OwnedObjects", wanted: Collection[WantedObject], settings: Settings) -> "ListedObjects":
    """What exists, once what is being deleted is gone: after an interrupted `destroy`, its controllers still work on it for a moment."""
    until = time.monotonic() + (0 if settings.preview else GOING_SECONDS)
    told = False
    while True:
        look = owned.look(wanted, makeable_kinds(settings), settings.mark.selector)
        going = [each for each in look.found.values() if each.deletion_timestamp]
        if not going or time.monotonic() >= until:
            return look
        if not told:
            log.info(
                f"Waiting up to {GOING_SECONDS:.0f} s for {len(going)} object{'s' if len(going) > 1 else ''} that Kubernetes is deleting."
            )
            told = True
        time.sleep(1)


def _without(left: Mapping[ObjectReference, LiveMetadata], settings: Settings, target: Target) -> Settings:
    """With what neither the stack file nor the state has any more removed at the end. Pulumi deletes what its state has."""
    if left and (options := limited_by()):
        tell_kept(left, options)
        return settings
    if left and settings.preview:
        tell_left_behind(left)
    return replace(settings, finish=removal_of(left, settings, target)) if left and not settings.preview else settings


def _restored(
    settings: Settings,
    bodies: Mapping[ObjectReference, Mapping[str, Any]],
    wanted: Mapping[ObjectReference, WantedObject],
    own: Mapping[ObjectReference, LiveMetadata],
    lost: frozenset[ObjectReference],
    target: Target,
) -> Settings:
    """With what the cluster lost made again, and what others changed set back: Pulumi's state shows neither."""
    engines = _changed_by_the_release(settings, own)
    to_restore = ToRestore(
        lost=lost,
        changed={
            reference: writers
            for reference, each in own.items()
            if reference not in engines | lost
            and ((writers := _changed_by(each, bodies[reference])) or is_scaled_to_zero(bodies[reference], each))
        },
    )
    if not to_restore:
        return settings
    to_restore.told(preview=settings.preview)
    if settings.preview:
        return settings
    return replace(settings, restored=restore(to_restore, bodies, wanted, target))


def _changed_by_the_release(settings: Settings, own: Mapping[ObjectReference, LiveMetadata]) -> frozenset[ObjectReference]:
    """What the engine applies anyway, because another release changes its labels; and in its order: the CRDs before the controllers."""
    if not installed_versions(own) - {settings.installation.distribution.version}:
        return frozenset()
    objects = settings.installation.objects
    return frozenset(reference_of(each) for each in (*objects.definitions, *objects.controllers))


def _changed_by(found: LiveMetadata, body: Mapping[str, Any]) -> tuple[str, ...]:
    """Who wrote to an object what the stack applies, or what it says nothing of. A field that was removed has no writer."""
    added = added_fields(found.managed_fields, states_suspend=_states_suspend(body))
    return tuple(sorted({writer.manager for writer in added.values()}))


def _states_suspend(body: Mapping[str, Any]) -> bool:
    return body.get("spec", {}).get("suspend") is not None


def connected(target: Target) -> "OwnedObjects":
    """A connection to the cluster. Raises KubeconfigError."""
    # Here and not above: a preview without a cluster need not load the client.
    from live.ownership.owned_objects import OwnedObjects

    return OwnedObjects(target)


def _refused(owners: Mapping[ObjectReference, str], found: Mapping[ObjectReference, LiveMetadata], settings: Settings) -> list[Problem]:
    refused = {owner for owner in owners.values() if owner != OURS and owner not in settings.stack.take_over}
    return [
        Problem(settings.place("takeOver"), message_about(owner, objects, _writers(found[each] for each in objects)))
        for owner, objects in by_owner(owners, refused).items()
    ]


def _terminating(
    owners: Mapping[ObjectReference, str], found: Mapping[ObjectReference, LiveMetadata], settings: Settings
) -> Iterator[Problem]:
    """What somebody has deleted and a finalizer still holds: nothing can keep it, and Pulumi would call it unchanged."""
    going = {reference: each for reference, each in found.items() if each.deletion_timestamp and owners[reference] == OURS}
    if going:
        finalizers = ", ".join(sorted({finalizer for each in going.values() for finalizer in each.finalizers})) or "none"
        told = Message(
            f"{len(going)} {'object' if len(going) == 1 else 'objects'} of this stack {'is' if len(going) == 1 else 'are'} being deleted "
            f"since {min(str(each.deletion_timestamp) for each in going.values())}: {listed(going)} (finalizers: {visible(finalizers)})",
            "Kubernetes removes them whatever `pulumi up` does, and perhaps what their Kustomizations applied.",
            f"To finish it, run: gitops destroy --stack {quote(settings.stack_name)}",
        )
        yield Problem(outside(f"cluster {settings.stack.cluster.name}"), told)


def _left_shards(made: Collection[ObjectReference], settings: Settings, owned: "OwnedObjects") -> Iterator[Problem]:
    """Objects of shards that the stack does not have. Without any shard, the main controllers reconcile every object."""
    shards = settings.stack.flux.shards
    if shards:
        found = owned.labelled(sharded_kinds(settings.installation.distribution.api_version), of_other_shards(shards))
        others = {reference: each for reference, each in found.items() if reference not in made}
        own = {reference: each for reference, each in others.items() if owner_of(each, settings.mark) == OURS}
        deleted = _deleted_by_this_up(own, settings)
        staying = {reference: each for reference, each in others.items() if reference not in deleted}
        yield from left_in_shards(staying, shards, settings.place, own)


def _deleted_by_this_up(own: Mapping[ObjectReference, LiveMetadata], settings: Settings) -> frozenset[ObjectReference]:
    """Which objects of the stack that it no longer makes go with this `up`: before the controllers of their shard, on which they depend.

    What was taken over may stay in the cluster when its entry goes.
    """
    going = {reference for reference, each in own.items() if settings.stack.remove_taken_over or TAKEN_ANNOTATION not in each.annotations}
    try:
        return frozenset(going & own_state(settings.stack_name).objects.keys()) if going else frozenset()
    except UnreadableStateError as error:
        log.warn(f"Pulumi's state could not be read, so what `pulumi up` deletes is not known: {without_tokens(str(error))}")
        return frozenset()


def _taken_over(owners: Mapping[ObjectReference, str], found: Mapping[ObjectReference, LiveMetadata]) -> frozenset[ObjectReference]:
    """What somebody else had made, taken over now or by an earlier `up`."""
    return frozenset(
        reference for reference, each in found.items() if _is_somebody_elses(owners[reference]) or TAKEN_ANNOTATION in each.annotations
    )


def _is_somebody_elses(owner: str) -> bool:
    """Another stack or cluster by name is this one before it was renamed, or one that it replaces."""
    return owner != OURS and not owner.startswith((STACK_OWNER, CLUSTER_OWNER))


def _writers(found: Iterator[LiveMetadata]) -> Iterator[str]:
    for each in found:
        yield from (entry.manager for entry in owners_among(each.managed_fields))
