"""What Pulumi's state has of the stack that is being run, as the engine itself knows it."""

import time
from collections.abc import Iterator, Mapping
from typing import Any

import pulumi
import pulumi.runtime

from flux.object_reference import ObjectReference
from flux.short_text import one_line

_PAUSES = (0.1, 0.3, 1.0, 2.0)
"""Seconds."""
_FUNCTION = "pulumi:pulumi:readStackResourceOutputs"
"""A function of the engine's own provider: the outputs of every resource of a stack, by URN."""
_OF_NO_SERVICE = "organization"
"""What Pulumi calls it in a backend of files or a bucket, of which old ones take short names alone."""


class UnreadableStateError(Exception):
    """The backend does not give the state. Its text is the engine's."""


def objects_in_state(stack: str) -> frozenset[ObjectReference]:
    """The Kubernetes objects that the state of `stack` has; none before its first `up`.

    Raises:
        UnreadableStateError: the backend does not give it.
    """
    answer = _asked(asked_name(stack, pulumi.get_project(), pulumi.get_organization()))
    outputs = answer.get("outputs") if isinstance(answer, Mapping) else None
    return frozenset(_references(outputs if isinstance(outputs, Mapping) else {}))


def _asked(name: str) -> Any:
    for pause in (*_PAUSES, None):
        try:
            return pulumi.runtime.invoke(_FUNCTION, {"stackName": name}).value
        except Exception as error:  # the SDK raises nothing more special for a function that fails
            # The engine writes the state at the same time, and the file backend in two steps: a reader between them finds an empty file.
            if pause is None:
                raise UnreadableStateError(one_line(str(error))) from None
            time.sleep(pause)
    raise AssertionError("unreachable")


def asked_name(stack: str, project: str, organization: str | None) -> str:
    """How a backend knows the stack. A short name would be looked for in the person's default organization."""
    return stack if organization in (None, "", _OF_NO_SERVICE) else f"{organization}/{project}/{stack}"


def _references(outputs: Mapping[str, Any]) -> Iterator[ObjectReference]:
    for resource in outputs.values():
        if not isinstance(resource, Mapping) or not str(resource.get("type")).startswith("kubernetes:"):
            continue
        found = resource.get("outputs")
        metadata = found.get("metadata") if isinstance(found, Mapping) else None
        if isinstance(found, Mapping) and isinstance(metadata, Mapping):
            yield ObjectReference(str(found.get("kind")), str(metadata.get("namespace") or ""), str(metadata.get("name")))
