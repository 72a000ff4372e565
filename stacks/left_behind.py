"""What left the stack file while Pulumi's state did not know of it: found by the owner's mark, and removed at the end of `up`.

Pulumi deletes what its state has and the program no longer makes. After a lost or old state, or a killed `gitops up --fast`, it has not
even heard of an object whose entry is gone by now.
"""

import time
from collections.abc import Callable, Mapping
from shlex import quote

from flux.kinds import APPLIERS, KINDS
from flux.message import Message
from flux.object_reference import FLUX_NAMESPACE, ObjectReference
from flux.visible_text import visible
from live.access.target import Target
from live.client.object_metadata import LiveMetadata
from live.errors import LiveError
from live.ownership.wanted_objects import WantedObject, any_of_kind
from stacks.judging.other_owners import listed
from stacks.settings import Settings
from stacks.words import log
from stacks.words.problems import end_with

_STAY = ("CustomResourceDefinition", "Namespace")
"""With a CRD, every object of its kind would be removed, those from Git included."""
_IN_NO_NAMESPACE = ("ClusterRole", "ClusterRoleBinding")
_WHAT = "objects of this stack that are no longer in its file or in Pulumi's state"
_SECONDS, _APPLIER_SECONDS = 120.0, 600.0
"""As long as Pulumi waits for one (components/kubernetes_object.py)."""
_PAUSE = 1.0


def makeable_kinds(settings: Settings) -> list[WantedObject]:
    """One object of each kind that the stack can make, but for CRDs and namespaces.

    Not of kinds whose CRD it does not install: no controller would be left that takes their finalizers from them.
    """
    distribution = settings.installation.distribution
    served = {each["spec"].get("names", {}).get("kind") for each in settings.installation.objects.definitions if "spec" in each}
    flux = [
        WantedObject(version, each.plural, ObjectReference(each.kind, FLUX_NAMESPACE, ""))
        for each in KINDS.values()
        if each.kind in served and each.controller and (version := distribution.api_version(each.kind))
    ]
    installed = {(str(body["apiVersion"]), str(body["kind"])) for body in distribution.objects if body["kind"] not in _STAY}
    built_in = sorted({*installed, ("v1", "Secret"), ("v1", "ConfigMap")})
    return [
        *flux,
        *(any_of_kind(version, kind, "" if kind in _IN_NO_NAMESPACE else FLUX_NAMESPACE) for version, kind in built_in),
    ]


def tell_left_behind(left: Mapping[ObjectReference, LiveMetadata]) -> None:
    """A preview's note."""
    appliers = any(each.kind in APPLIERS for each in left)
    applied = " Their spec.prune and spec.deletionPolicy decide whether what they applied is removed." if appliers else ""
    log.warn(f"`pulumi up` will remove {_WHAT}: {listed(left)}.{applied}")


def tell_kept(left: Mapping[ObjectReference, LiveMetadata], options: str) -> None:
    """What a run that `options` limit says."""
    log.info(f"Leaves {_WHAT}: {listed(left)}. This run is limited by {options}; another `pulumi up` removes them.")


def removal_of(left: Mapping[ObjectReference, LiveMetadata], settings: Settings, target: Target) -> Callable[[], None]:
    """What removes it, in the order in which Pulumi would: what applied something while its source and its controller live."""
    kinds = {each.reference.kind: each for each in makeable_kinds(settings)}
    stages: list[dict[WantedObject, str]] = [{}, {}, {}, {}]
    for reference, each in left.items():
        kind = kinds[reference.kind]
        stages[_stage(reference.kind)][WantedObject(kind.api_version, kind.plural, reference)] = each.uid

    def remove() -> None:
        from live.ownership.marked_objects import MarkedObjects  # here and not above: a preview without a cluster need not load the client

        log.info(f"Removes {_WHAT}: {listed(left)}.")
        try:
            cluster = MarkedObjects(target)
            try:
                for stage in filter(None, stages):
                    cluster.delete(stage)
                    if held := _held(cluster.left, stage):
                        end_with(str(_stuck(held, settings.stack_name)))
            finally:
                cluster.close()
        except LiveError as error:
            end_with(f"{error.where}: {error.message}")

    return remove


def _stage(kind: str) -> int:
    if kind in APPLIERS:
        return 0
    if kind in KINDS:
        return 1
    return 2 if kind == "Deployment" else 3


def _held(
    left: Callable[[Mapping[WantedObject, str]], Mapping[WantedObject, tuple[str, ...]]], stage: Mapping[WantedObject, str]
) -> Mapping[WantedObject, tuple[str, ...]]:
    """What is still there when the time is up."""
    until = time.monotonic() + (_APPLIER_SECONDS if any(each.reference.kind in APPLIERS for each in stage) else _SECONDS)
    while there := left(stage):
        if time.monotonic() > until:
            return there
        time.sleep(_PAUSE)
    return {}


def _stuck(held: Mapping[WantedObject, tuple[str, ...]], stack: str) -> Message:
    finalizers = ", ".join(sorted({finalizer for each in held.values() for finalizer in each})) or "none"
    are, removed, run = (
        ("is", "Its controller removes it, with what it applied, once it runs.", "it does not run")
        if len(held) == 1
        else ("are", "Their controllers remove them, with what they applied, once they run.", "they do not run")
    )
    return Message(
        f"{listed([each.reference for each in held])} {are} no longer in the stack file, but cannot be deleted "
        f"(finalizers: {visible(finalizers)})",
        removed,
        f"To see why {run}: gitops status. Then remove the rest: pulumi up --stack {quote(stack)}",
    )
