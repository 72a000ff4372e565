"""What Pulumi's state has of the stack that is being run, as the engine itself knows it."""

from collections.abc import Iterator, Mapping
from typing import Any

import pulumi.runtime

from flux.object_reference import ObjectReference

_FUNCTION = "pulumi:pulumi:readStackResourceOutputs"
"""A function of the engine's own provider: the outputs of every resource of a stack, by URN."""


def objects_in_state(stack: str) -> frozenset[ObjectReference]:
    """The Kubernetes objects that the state of `stack` has; none before its first `up`."""
    answer = pulumi.runtime.invoke(_FUNCTION, {"stackName": stack}).value
    outputs = answer.get("outputs") if isinstance(answer, Mapping) else None
    return frozenset(_references(outputs if isinstance(outputs, Mapping) else {}))


def _references(outputs: Mapping[str, Any]) -> Iterator[ObjectReference]:
    for resource in outputs.values():
        if not isinstance(resource, Mapping) or not str(resource.get("type")).startswith("kubernetes:"):
            continue
        found = resource.get("outputs")
        metadata = found.get("metadata") if isinstance(found, Mapping) else None
        if isinstance(found, Mapping) and isinstance(metadata, Mapping):
            yield ObjectReference(str(found.get("kind")), str(metadata.get("namespace") or ""), str(metadata.get("name")))
