"""What can be waited for: only an object that Flux gives a Ready condition."""

from collections.abc import Iterator
from typing import Any

from flux.any_shape import entries, mapping, text
from flux.bounded_documents import Bounds, UnreadableError, json_value
from flux.finding import GIT, STACK, STACK_AND_GIT, Finding
from flux.object_reference import ObjectReference
from flux.rules.plan import Plan, PlannedObject
from flux.rules.rule import rule

_ANNOTATION = "pulumi.com/waitFor"
_CONDITIONS = Bounds(size=256 * 1024, levels=1)
"""All annotations of an object have 256 KiB at most, and a list of texts is one level."""
_WITHOUT_STATUS = ("Alert", "Provider")


@rule(looks_at=STACK)
def awaited_object_can_become_ready(plan: Plan) -> Iterator[Finding]:
    """Pulumi does not wait for an object that never becomes ready: an OCI HelmRepository, a Provider, an Alert, a suspended object.

    No controller writes the status of the first three (https://github.com/fluxcd/source-controller/pull/1985, notification API v1beta3),
    and none reconciles a suspended object. The update would time out.
    """
    for item in plan.objects:
        awaited = mapping(item.body, "metadata", "annotations").get(_ANNOTATION)
        if not isinstance(awaited, str) or not any(_asks_for_status(condition) for condition in _conditions(awaited)):
            continue
        reason = _without_status(item)
        if reason is None and item.is_suspended and item.is_of_flux:
            reason = f"{_a(item.kind)} that is suspended"
        if reason is not None:
            yield item.wrong(
                ("metadata", "annotations", _ANNOTATION),
                f"waits for {reason}, which never becomes ready",
                "No controller writes its status: `pulumi up` would time out and fail.",
                f"Remove the annotation {_ANNOTATION}.",
            )


@rule(looks_at=STACK_AND_GIT)
def dependency_is_of_its_own_kind(plan: Plan) -> Iterator[Finding]:
    """`dependsOn` names no `kind`: a Kustomization waits for Kustomizations, a HelmRelease for HelmReleases.

    No kind can be named there (https://github.com/fluxcd/kustomize-controller/issues/242). A Kustomization waits for another kind in the
    `healthChecks` of the Kustomization that applies it.
    """
    for item in plan.of_kind("Kustomization", "HelmRelease"):
        for path, entry in entries(item.spec, "dependsOn"):
            kind = text(entry, "kind")
            if kind is None:
                continue
            if kind == item.kind:
                fix = "Remove kind."
            elif item.kind == "Kustomization":
                fix = f"Depend on the Kustomization that applies the {kind}, with the {kind} in its healthChecks, or with wait: true."
            else:
                fix = f"Put the HelmRelease into a Kustomization that depends on the one that applies the {kind}."
            wrong = "is not a field here: dependsOn names only objects of its own kind"
            yield item.wrong(("spec", *path, "kind"), wrong, f"The API server would refuse the {item.kind}.", fix)


@rule(looks_at=STACK_AND_GIT, warns=GIT)
def checked_object_has_a_health(plan: Plan) -> Iterator[Finding]:
    """A Kustomization's `healthChecks` names no object without a status: no HelmRepository of type oci, Provider or Alert.

    kstatus considers such an object healthy as soon as it exists, so the check would prove nothing.
    """
    for item in plan.of_kind("Kustomization"):
        for path, check in entries(item.spec, "healthChecks"):
            kind, name = text(check, "kind"), text(check, "name")
            namespace = text(check, "namespace") or item.namespace
            if not (text(check, "apiVersion") or ".toolkit.fluxcd.io/").partition("/")[0].endswith(".toolkit.fluxcd.io"):
                continue
            if kind in _WITHOUT_STATUS:
                reason: str | None = _a(kind)
            else:
                found = plan.find(ObjectReference(kind or "", namespace, name or ""))
                reason = _without_status(found) if found else None
            if reason is not None:
                yield item.wrong(
                    ("spec", *path),
                    f"checks {reason}, whose status no controller writes",
                    "The check would pass as soon as the object exists, and prove nothing.",
                    "Remove it, and check what uses the object instead.",
                )


def _without_status(item: PlannedObject) -> str | None:
    if not item.is_of_flux:
        return None
    if item.kind == "HelmRepository" and item.spec.get("type") == "oci":
        return "a HelmRepository of type oci"
    return _a(item.kind) if item.kind in _WITHOUT_STATUS else None


def _a(kind: str) -> str:
    return f"{'an' if kind[:1] in 'AEIO' else 'a'} {kind}"


def _conditions(annotation: str) -> list[Any]:
    """The annotation is one condition, or a JSON list of them."""
    if not annotation.startswith("["):
        return [annotation]
    try:
        listed = json_value(annotation, _CONDITIONS)
    except UnreadableError:
        return []
    return listed if isinstance(listed, list) else []


def _asks_for_status(condition: Any) -> bool:
    return isinstance(condition, str) and (condition.startswith("condition=") or ".status" in condition)
