"""What the cluster lost or others changed, set back by `up` itself.

Pulumi compares the program with its state, so it sees neither: the state still has an object that was deleted, and the value that was
edited. `pulumi up --refresh` would see it, at the price of reading everything, and never without a cluster.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flux.key_path import dotted
from flux.message import Message
from flux.object_reference import ObjectReference
from flux.secret_shapes import without_tokens
from flux.visible_text import visible
from live.access.target import Target
from live.client.object_metadata import LiveMetadata
from live.errors import LiveError
from live.ownership.field_writers import is_unowned
from live.ownership.object_owners import UNKNOWN
from live.ownership.wanted_objects import WantedObject
from stacks.inputs.own_state import OwnState, UnreadableStateError
from stacks.judging.other_owners import listed
from stacks.words import log
from stacks.words.problems import end_with
from stacks.words.said_of_cluster import makes_again, sets_back

if TYPE_CHECKING:
    from live.ownership.compared_objects import ChangedField, Compared, DeclaredObjects

Body = Mapping[str, Any]
_FIRST = ("Namespace", "CustomResourceDefinition")
_NAMED = 5
_REPLICAS, _DATA = ("spec", "replicas"), ("data",)


@dataclass(frozen=True, kw_only=True)
class ToRestore:
    """What is not as the last `up` left it."""

    lost: frozenset[ObjectReference] = frozenset()
    """In the state, and not in the cluster."""
    changed: Mapping[ObjectReference, tuple[str, ...]]
    """Object in the cluster → the field managers that wrote to it; none if it was scaled to 0."""

    def __bool__(self) -> bool:
        return bool(self.lost or self.changed)

    def told(self, *, preview: bool) -> None:
        """Say what `up` will do, or does."""
        if self.lost:
            lost = listed(self.lost)
            log.info(
                makes_again(lost) if preview else f"Recreates objects that are in Pulumi's state but missing from the cluster: {lost}."
            )
        if self.changed and preview:
            every = [(str(each), ", ".join(map(visible, writers)) or UNKNOWN) for each, writers in sorted(self.changed.items())]
            log.info(sets_back(every[:_NAMED], more=max(0, len(every) - _NAMED)))


def restore(
    to_restore: ToRestore, bodies: Mapping[ObjectReference, Body], wanted: Mapping[ObjectReference, WantedObject], target: Target
) -> dict[ObjectReference, Callable[[Body], None]]:
    """Set back what is no Secret, at once; Secret → what sets it back as soon as its values are known, or ends the run.

    `bodies`: everything that the stack makes. Raises LiveError.
    """
    from live.ownership.compared_objects import DeclaredObjects  # here and not above: a preview without a cluster need not load the client

    cluster = DeclaredObjects(target)
    plain = {reference: body for reference, body in bodies.items() if reference.kind != "Secret"}
    for reference in sorted(to_restore.lost & plain.keys(), key=lambda each: each.kind not in _FIRST):
        cluster.make(wanted[reference], plain[reference])
    changed = {wanted[reference]: plain[reference] for reference in to_restore.changed if reference in plain}
    for each in cluster.compare(changed):
        _set_back(cluster, wanted[each.reference], plain[each.reference], each)
    for reference in to_restore.lost - plain.keys():  # empty: the engine's own update of it would not find it
        cluster.make(wanted[reference], {key: value for key, value in bodies[reference].items() if key not in ("data", "stringData")})
    secrets = (to_restore.lost | to_restore.changed.keys()) - plain.keys()
    return {reference: _later(cluster, wanted[reference], is_lost=reference in to_restore.lost) for reference in secrets}


def _later(cluster: "DeclaredObjects", wanted: WantedObject, *, is_lost: bool) -> Callable[[Body], None]:
    def put(body: Body) -> None:
        try:
            if is_lost:
                cluster.make(wanted, body)
                return
            (found,) = cluster.compare({wanted: body})
            _set_back(cluster, wanted, body, found)
        except LiveError as error:
            end_with(str(_failed(wanted.reference, error, is_lost=is_lost)))

    return put


def _failed(reference: ObjectReference, error: LiveError, *, is_lost: bool) -> Message:
    """What is left to do: the next `up` finds the Secret as this one did."""
    return Message(
        f"{reference} cannot be {'recreated' if is_lost else 'set back'}: {error.where} {error.message.wrong}",
        "It has no value until then." if is_lost else "It stays as others left it until then.",
        f"The next `pulumi up` tries again. {error.message.fix}",
    )


def is_emptied(body: Body, found: LiveMetadata) -> bool:
    """Whether a Secret has no value any more: an `up` was interrupted between making it again and giving it its values, or somebody did it.

    It counts as lost, because Pulumi would call it unchanged.
    """
    return body.get("kind") == "Secret" and bool(body.get("data")) and is_unowned(found.managed_fields, _DATA)


def is_scaled_to_zero(body: Body, found: LiveMetadata) -> bool:
    """Whether somebody scaled a controller to 0, of which no field manager tells."""
    return body.get("kind") == "Deployment" and body["spec"].get("replicas") is not None and is_unowned(found.managed_fields, _REPLICAS)


def _is_theirs(difference: "ChangedField") -> bool:
    """Whether somebody wrote it: the rest of what differs is a change of the stack's files, which is Pulumi's."""
    return difference.writer is not None or (difference.path == _REPLICAS and difference.live == 0)


def _set_back(cluster: "DeclaredObjects", wanted: WantedObject, body: Body, found: "Compared") -> None:
    differences = [each for each in found.differences if _is_theirs(each)]
    theirs = [f"{dotted(each.path)} (by {each.writer.manager if each.writer else UNKNOWN})" for each in differences]
    if theirs:
        more = f" and {len(theirs) - _NAMED} more" if len(theirs) > _NAMED else ""
        log.info(f"Sets back {found.reference}: {', '.join(theirs[:_NAMED])}{more}")
        cluster.mend(wanted, body, differences)
    elif not found.differences:
        cluster.mend(wanted, body, ())  # changed, and changed back: the stack only becomes an owner of it again


def state_of(missing: Collection[ObjectReference], in_state: Callable[[], OwnState]) -> OwnState:
    """The state, where something is missing that it may have. It is asked only then; one that cannot be read ends nothing."""
    if not missing:
        return OwnState()
    try:
        return in_state()
    except UnreadableStateError as error:
        log.warn(f"Pulumi's state could not be read, so what the cluster lost is not recreated: {without_tokens(str(error))}")
        return OwnState(is_known=False)
