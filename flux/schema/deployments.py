"""What the API server asks of a Deployment beyond the types of its fields: parts of it that have to go together."""

from collections.abc import Iterator, Mapping
from typing import Any

from flux.any_shape import at, entries, mapping
from flux.close_names import close_to
from flux.key_path import KeyPath
from flux.listing import either, listed
from flux.message import Message
from flux.quantities import amount_of
from flux.release.resources import requests_above_limits
from flux.schema.showing import mentioned

_POD = ("spec", "template", "spec")
CONTAINERS = (*_POD, "containers")
_REFUSED = "The API server would refuse the Deployment."


def deployment_faults(body: Mapping[str, Any]) -> Iterator[tuple[KeyPath, Message]]:
    """Each fault with its path. A part of a wrong type is the schema's business."""
    yield from _selector(body)
    volumes = [str(each.get("name")) for _, each in entries(body, *_POD, "volumes")]
    for path, volume in entries(body, *_POD, "volumes"):
        sources = sorted(key for key, value in volume.items() if key != "name" and value is not None)
        if len(sources) > 1:
            wrong = f"has {listed(sources)}, but a volume has one source"
            yield path, Message(wrong, _REFUSED, f"Write null for what Flux's release has: {either(f'{key}: null' for key in sources)}.")
    for path, container in entries(body, *CONTAINERS):
        yield from _resources((*path, "resources"), container.get("resources"))
        for place, variable in entries(container, "env"):
            if variable.get("value") and variable.get("valueFrom"):
                wrong = "has both value and valueFrom"
                yield (*path, *place), Message(wrong, _REFUSED, "Write null for what Flux's release has.")
        for place, mount in entries(container, "volumeMounts"):
            name = mount.get("name")
            if isinstance(name, str) and name not in volumes:
                fix = f"Write {either(close_to(name, volumes) or volumes)}." if volumes else "Add the volume to spec.template.spec.volumes."
                yield (*path, *place, "name"), Message("names a volume that the pod does not have", _REFUSED, fix)


def _selector(body: Mapping[str, Any]) -> Iterator[tuple[KeyPath, Message]]:
    if not isinstance(at(body, "spec", "template"), Mapping):
        return
    selector = at(body, "spec", "selector")
    if isinstance(selector, Mapping) and not any(selector.get(key) for key in ("matchLabels", "matchExpressions")):
        yield ("spec", "selector"), Message("is empty", _REFUSED, "Leave the selector as Flux's release has it.")
    labels = mapping(body, "spec", "template", "metadata", "labels")
    for key, value in mapping(body, "spec", "selector", "matchLabels").items():
        if labels.get(key) != value:
            wrong = f"lacks the label {key}: {value}, by which the Deployment finds its pods"
            yield ("spec", "template", "metadata", "labels"), Message(wrong, _REFUSED, "Leave the label as Flux's release has it.")


def _resources(path: KeyPath, resources: Any) -> Iterator[tuple[KeyPath, Message]]:
    for part in ("requests", "limits"):
        for name, amount in mapping(resources, part).items():
            if amount_of(amount) is None:
                fix = "Write a number with or without a unit, like 500m or 1Gi."
                yield (*path, part, str(name)), Message(f"{mentioned(amount, (name,))} is not a quantity", _REFUSED, fix)
    for name, request, limit in requests_above_limits(resources):
        wrong = f"is {request}, more than the limit of {limit}"
        yield (*path, "requests", name), Message(wrong, _REFUSED, f"Write at most {limit}, or raise limits.{name}.")
