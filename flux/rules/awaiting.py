"""What can be waited for: only an object that Flux gives a Ready condition."""

import json
from collections.abc import Iterator
from typing import Any

from flux.finding import Finding
from flux.object_reference import ObjectReference
from flux.rules.plan import Plan, PlannedObject
from flux.rules.reading import entries, mapping, text

_ANNOTATION = "pulumi.com/waitFor"


def awaited_object_can_become_ready(plan: Plan) -> Iterator[Finding]:
    """Pulumi awaits no object that never gets a Ready condition: HelmRepository of type oci, Provider, Alert, whatever is suspended.

    The first three are static objects, to which no controller writes a status (https://github.com/fluxcd/source-controller/pull/1985,
    notification API v1beta3); a suspended object is not reconciled at all. The update would end in a timeout.
    """
    for item in plan.objects:
        awaited = mapping(item.body, "metadata", "annotations").get(_ANNOTATION)
        if not isinstance(awaited, str) or not any(_asks_for_status(condition) for condition in _conditions(awaited)):
            continue
        reason = _without_status(item)
        if reason is None and item.is_suspended and item.group.endswith("fluxcd.io"):
            reason = f"{_a(item.identity.kind)} that is suspended"
        if reason is not None:
            yield item.wrong(
                ("metadata", "annotations", _ANNOTATION),
                f"{reason} never becomes ready, because no controller writes its status; pulumi up would wait until its timeout and fail; "
                f"remove the annotation {_ANNOTATION}",
            )


def checked_object_has_a_health(plan: Plan) -> Iterator[Finding]:
    """A Kustomization's `healthChecks` name no object that has no status: a HelmRepository of type oci, a Provider, an Alert.

    Without a status, such an object counts as healthy as soon as it exists (kstatus), so the check would prove nothing.
    """
    for item in plan.of_kind("Kustomization"):
        for path, check in entries(item.spec, "healthChecks"):
            kind, name = text(check, "kind"), text(check, "name")
            namespace = text(check, "namespace") or item.identity.namespace
            if not (text(check, "apiVersion") or ".toolkit.fluxcd.io/").partition("/")[0].endswith(".toolkit.fluxcd.io"):
                continue
            if kind in ("Alert", "Provider"):
                reason: str | None = _a(kind)
            else:
                found = plan.find(ObjectReference(kind or "", namespace, name or ""))
                reason = _without_status(found) if found else None
            if reason is not None:
                yield item.wrong(
                    ("spec", *path),
                    f"no controller writes the status of {reason}; the check would pass as soon as the object exists, and prove nothing; "
                    "remove it, and check what uses the object instead",
                )


def _without_status(item: PlannedObject) -> str | None:
    if not item.group.endswith("fluxcd.io"):
        return None
    if item.identity.kind == "HelmRepository" and item.spec.get("type") == "oci":
        return "a HelmRepository of type oci"
    return _a(item.identity.kind) if item.identity.kind in ("Alert", "Provider") else None


def _a(kind: str) -> str:
    return f"{'an' if kind[:1] in 'AEIO' else 'a'} {kind}"


def _conditions(annotation: str) -> list[Any]:
    """The annotation is one condition, or a JSON list of them."""
    if not annotation.startswith("["):
        return [annotation]
    try:
        listed = json.loads(annotation)
    except ValueError:
        return []
    return listed if isinstance(listed, list) else []


def _asks_for_status(condition: Any) -> bool:
    return isinstance(condition, str) and (condition.startswith("condition=") or ".status" in condition)


RULES = (awaited_object_can_become_ready, checked_object_has_a_health)
