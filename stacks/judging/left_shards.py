"""Shards that leave the stack file while objects of the cluster still name them: no controller would reconcile those any more."""

from collections.abc import Callable, Collection, Iterator, Mapping

from flux.kinds import KINDS
from flux.message import Message
from flux.object_reference import ObjectReference
from flux.sharding import SHARD_LABEL, is_sharded, shard_of
from flux.visible_text import visible
from live.client.object_metadata import LiveMetadata
from live.ownership.wanted_objects import WantedObject
from stacks.judging.other_owners import listed
from stacks.words.place import PlaceOf
from stacks.words.problems import Problem


def sharded_kinds(api_version: Callable[[str], str | None]) -> list[WantedObject]:
    """One object of each kind that shards reconcile, in no namespace. `api_version`: of a kind, if the release has it."""
    return [
        WantedObject(version, each.plural, ObjectReference(each.kind, "", ""))
        for each in KINDS.values()
        if is_sharded(each.kind) and (version := api_version(each.kind))
    ]


def of_other_shards(shards: Collection[str]) -> str:
    """The selector of objects in a shard that is none of these."""
    return f"{SHARD_LABEL},{SHARD_LABEL} notin ({','.join(shards)})"


def left_in_shards(
    found: Mapping[ObjectReference, LiveMetadata], shards: Collection[str], place: PlaceOf, own: Collection[ObjectReference] = ()
) -> Iterator[Problem]:
    """A problem for each shard that objects name and the stack does not have. `found`: objects that the stack does not make.

    `own`: those of them that have the stack's mark all the same, and that no `up` deletes. Git has no say in those.
    """
    by_shard: dict[str, list[ObjectReference]] = {}
    for reference, each in found.items():
        if (shard := shard_of(each.labels)) and shard not in shards:
            by_shard.setdefault(shard, []).append(reference)
    for shard, objects in sorted(by_shard.items()):
        count = len(objects)
        names = f"{count} objects of the cluster name" if count > 1 else "an object of the cluster names"
        them = "them" if count > 1 else "it"
        git = f"Git gives {them} another shard, or none"
        until = git if any(each not in own for each in objects) else f"{'they are' if count > 1 else 'it is'} deleted, or in another shard"
        told = Message(
            f"lacks {visible(shard)}, which {names} as {'their' if count > 1 else 'its'} shard: {listed(objects)}",
            f"No controller would reconcile {them}.",
            f"Keep {visible(shard)} until {until}.",
        )
        yield Problem(place("flux", "shards"), told)
