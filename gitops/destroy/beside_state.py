"""What carries the stack's mark although Pulumi's state does not have it: a killed `up` made it, and `pulumi destroy` would leave it."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from flux.object_reference import FLUX_NAMESPACE, ObjectReference
from flux.owners_mark import OwnersMark
from gitops.pulumi_state import StackState
from live.access.target import Target
from live.errors import LiveError, UnreachableError
from live.ownership.marked_objects import MarkedObjects
from live.ownership.object_owners import made_by
from live.ownership.owned_objects import OwnedObjects
from live.ownership.wanted_objects import WantedObject, any_of_kind

POLL_SECONDS = 1.0
SECONDS = 120.0
"""For all objects of one stage to go: none of them has workloads behind it."""
_RBAC = "rbac.authorization.k8s.io/v1"
_IN_THE_NAMESPACE = {
    **dict.fromkeys(("Secret", "ConfigMap", "ServiceAccount", "Service", "ResourceQuota"), "v1"),
    "Deployment": "apps/v1",
    "NetworkPolicy": "networking.k8s.io/v1",
    "Role": _RBAC,
    "RoleBinding": _RBAC,
}
_OUTSIDE = {"ClusterRole": _RBAC, "ClusterRoleBinding": _RBAC}
_DEFINITIONS = {"CustomResourceDefinition": "apiextensions.k8s.io/v1", "Namespace": "v1"}
"""In the order in which they are deleted. Flux's own kinds are not here: their removal is another matter (carry_out.py)."""
_STAYS = "What a killed `up` made stays in the cluster."


@dataclass(frozen=True, kw_only=True)
class BesideState:
    """Objects that only their mark assigns to the stack."""

    objects: Mapping[WantedObject, str] = field(default_factory=dict)
    """Object → uid."""
    unread: LiveError | None = None
    """Why nothing is known of them."""

    @property
    def has_definitions(self) -> bool:
        """Whether a CRD, or the namespace, is among them."""
        return any(each.reference.kind in _DEFINITIONS for each in self.objects)

    def going(self, *, definitions_go: bool) -> list[dict[WantedObject, str]]:
        """What is removed, in stages, one after the other."""
        stages: dict[str, dict[WantedObject, str]] = {"": {}, **{kind: {} for kind in _DEFINITIONS}}
        for each, uid in self.objects.items():
            kind = each.reference.kind
            if kind not in _DEFINITIONS or definitions_go:
                stages[kind if kind in _DEFINITIONS else ""][each] = uid
        return [each for each in stages.values() if each]

    def told(self, *, definitions_go: bool) -> str:
        """What is removed, in a sentence; empty if nothing is."""
        counted = Counter(each.reference.kind for stage in self.going(definitions_go=definitions_go) for each in stage)
        if not counted:
            return ""
        kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(counted.items()))
        return f"Removed, too, as the stack's mark is on them although Pulumi's state does not have them: {kinds}."


def beside_state(state: StackState, mark: OwnersMark, target: Target) -> BesideState:
    """Look for it. A role that may not list all of it finds nothing. Raises UnreachableError."""
    owned = OwnedObjects(target, consequence=_STAYS)
    try:
        found = made_by(owned.look((), _KINDS.values(), mark.selector).beside, mark)
    except UnreachableError:
        raise
    except LiveError as error:
        return BesideState(unread=error)
    finally:
        owned.close()
    known = {each.reference for each in state.objects}
    return BesideState(objects={_place(reference): each.uid for reference, each in sorted(found.items()) if reference not in known})


def check_rights_beside(stages: Iterable[Mapping[WantedObject, str]], target: Target) -> None:
    """Raise LiveError before anything is removed, where this role may not delete all of it."""
    first_of_each = {each.collection: (each, uid) for stage in stages for each, uid in stage.items()}
    if first_of_each:
        cluster = MarkedObjects(target, consequence="Nothing was removed.")
        try:
            cluster.delete(dict(first_of_each.values()), dry_run=True)
        finally:
            cluster.close()


def remove_beside(
    stages: Iterable[Mapping[WantedObject, str]], target: Target, say: Callable[[str], None]
) -> dict[WantedObject, tuple[str, ...]]:
    """Remove it; what was not removed in time, and its finalizers.

    Raises:
        LiveError: the server does not answer, or refuses.
    """
    cluster = MarkedObjects(target, consequence=_STAYS)
    try:
        for stage in stages:
            cluster.delete(stage)
            until = time.monotonic() + SECONDS
            while left := cluster.left(stage):
                if time.monotonic() > until:
                    return left
                objects = "1 object that is" if len(left) == 1 else f"{len(left)} objects that are"
                say(f"waiting for the removal of {objects} not in Pulumi's state")
                time.sleep(POLL_SECONDS)
    finally:
        cluster.close()
    return {}


_KINDS = {
    **{kind: any_of_kind(version, kind, FLUX_NAMESPACE) for kind, version in _IN_THE_NAMESPACE.items()},
    **{kind: any_of_kind(version, kind) for kind, version in (_OUTSIDE | _DEFINITIONS).items()},
}


def _place(reference: ObjectReference) -> WantedObject:
    kind = _KINDS[reference.kind]
    return WantedObject(kind.api_version, kind.plural, reference)
