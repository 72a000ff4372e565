"""What of a stack's own objects somebody's finalizer holds: a Secret that a backup tool watches, a CRD that another controller needs."""

import re
from collections.abc import Iterable

from live.access.target import Target
from live.client.object_metadata import LiveMetadata
from live.flux_objects.flux_removal import RemovableObject
from live.ownership.owned_objects import OwnedObjects
from live.ownership.wanted_objects import WantedObject

_OF_KUBERNETES = re.compile(r"foregroundDeletion|orphan|kubernetes|(.*\.)?(kubernetes|k8s)\.io(/.*)?")
"""Kubernetes takes its own away itself."""
_UNSEEN = "If somebody's finalizer holds an object of the stack, only `pulumi destroy` finds that out, and fails."


def held_objects(target: Target, objects: Iterable[WantedObject]) -> list[RemovableObject]:
    """Those of `objects` that exist and have a finalizer that is not Kubernetes' own.

    Raises:
        LiveError: the server does not answer, or refuses.
    """
    wanted = {each.reference: each for each in objects}
    owned = OwnedObjects(target, consequence=_UNSEEN)
    try:
        found = owned.find(wanted.values())
    finally:
        owned.close()
    return [_removable(wanted[reference], each) for reference, each in sorted(found.items()) if _is_held(each)]


def _is_held(found: LiveMetadata) -> bool:
    return any(not _OF_KUBERNETES.fullmatch(each) for each in found.finalizers)


def _removable(wanted: WantedObject, found: LiveMetadata) -> RemovableObject:
    return RemovableObject(
        place=wanted,
        controller="",
        uid=found.uid,
        labels=found.labels,
        taken_over=False,
        finalizers=tuple(found.finalizers),
        deleted_since=found.deletion_timestamp,
        suspended=False,
        removes=False,
        waits=False,
        applied=(),
        said="",
    )
