"""What Pulumi's state has of the stack that is being run, as the engine itself knows it."""

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi.runtime

from flux.object_reference import ObjectReference
from flux.secret_entries import text_entries
from flux.short_text import one_line

_PAUSES = (0.1, 0.3, 1.0, 2.0)
"""Seconds."""
_FUNCTION = "pulumi:pulumi:readStackResourceOutputs"
"""A function of the engine's own provider: the outputs of every resource of a stack, by URN."""
_DEFINITIONS = "gitops:index:FluxDefinitions"
"""The component that says in which cluster the stack is."""
_OF_NO_SERVICE = "organization"
"""What Pulumi calls it in a backend of files or a bucket, of which old ones take only short names."""


class UnreadableStateError(Exception):
    """The backend does not give the state. Its text is the engine's."""


@dataclass(frozen=True)
class StateOutput:
    """What the state has of an object."""

    annotations: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Entries of a Secret, as far as they are text."""


@dataclass(frozen=True, kw_only=True)
class OwnState:
    """What the state has of a stack; nothing before its first `up`."""

    objects: Mapping[ObjectReference, StateOutput] = field(default_factory=dict)
    """The Kubernetes objects."""
    cluster_uid: str = ""
    """UID of the Namespace kube-system of the cluster in which the last `up` was; empty where that was unknown."""
    is_known: bool = True
    """Whether it could be read."""


def own_state(stack: str) -> OwnState:
    """What the state of `stack` has.

    Raises:
        UnreadableStateError: the backend does not give it.
    """
    answer = _asked(asked_name(stack, pulumi.get_project(), pulumi.get_organization()))
    outputs = answer.get("outputs") if isinstance(answer, Mapping) else None
    resources = [each for each in outputs.values() if isinstance(each, Mapping)] if isinstance(outputs, Mapping) else []
    return OwnState(objects=dict(_objects(resources)), cluster_uid=_cluster_uid(resources))


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


def _cluster_uid(resources: Iterable[Mapping[str, Any]]) -> str:
    found = next((each.get("outputs") for each in resources if each.get("type") == _DEFINITIONS), None)
    uid = found.get("clusterUid") if isinstance(found, Mapping) else None
    return uid if isinstance(uid, str) else ""


def _objects(resources: Iterable[Mapping[str, Any]]) -> Iterator[tuple[ObjectReference, StateOutput]]:
    for resource in resources:
        if not str(resource.get("type")).startswith("kubernetes:"):
            continue
        found = resource.get("outputs")
        metadata = found.get("metadata") if isinstance(found, Mapping) else None
        if isinstance(found, Mapping) and isinstance(metadata, Mapping):
            reference = ObjectReference(str(found.get("kind")), str(metadata.get("namespace") or ""), str(metadata.get("name")))
            annotations = metadata.get("annotations")
            yield (
                reference,
                StateOutput(annotations if isinstance(annotations, Mapping) else {}, _values(found) if reference.kind == "Secret" else {}),
            )


def _values(secret: Mapping[str, Any]) -> dict[str, str]:
    data = secret.get("data")
    return text_entries({str(entry): str(value) for entry, value in data.items()} if isinstance(data, Mapping) else {})
