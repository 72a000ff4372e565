"""What is used of an API server's answers.

An object whose name does not fit makes the whole answer malformed. One whose `spec` or `status` does not fit is kept without them, and
with the reason under `MALFORMED`: it is one object's controller that wrote them, and the others are still to be shown.
"""

from typing import Annotated, Any, TypeVar

from pydantic import ConfigDict, Field, StringConstraints, ValidationError
from pydantic.alias_generators import to_camel

from live.client.answer_model import AnswerModel, ListPage, fitting, why_unfitting

Body = dict[str, Any]
MALFORMED = "malformed"
"""A key that an object has here only: why its spec or status was left out."""
_Count = Annotated[int, Field(ge=0, lt=2**63)]
_Generation = Annotated[int, Field(ge=-1, lt=2**63)]
"""Flux's CRDs set -1 until a controller has looked at an object for the first time."""
_PathPart = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$")]
"""What becomes a part of the path of the next request."""


class _ApiAnswer(AnswerModel):
    model_config = ConfigDict(alias_generator=to_camel)


class ApiVersion(_ApiAnswer):
    """A version of a group."""

    version: _PathPart


class ApiGroup(_ApiAnswer):
    """A group, with its versions in the server's order of preference."""

    name: _PathPart
    versions: list[ApiVersion]


class ApiGroupList(_ApiAnswer):
    """The answer of /apis/."""

    groups: list[ApiGroup]


class ApiResource(_ApiAnswer):
    """A kind, or a subresource of one."""

    name: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9./-]{0,252}$")]
    kind: Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9]{0,252}$")]
    verbs: list[str]
    namespaced: bool = False


class ApiResourceList(_ApiAnswer):
    """The answer of /apis/GROUP/VERSION."""

    resources: list[ApiResource]


class Page(ListPage):
    """A page of a list. Its items are validated one by one."""

    items: list[Any]


class _ManagedFields(_ApiAnswer):
    time: str | None = None
    subresource: str | None = None


class _Metadata(_ApiAnswer):
    name: Annotated[str, StringConstraints(min_length=1, max_length=253)]
    namespace: Annotated[str, StringConstraints(max_length=253)] | None = None
    generation: _Count | None = None
    labels: dict[str, str] | None = None
    creation_timestamp: str | None = None
    deletion_timestamp: str | None = None
    finalizers: list[str] | None = None
    managed_fields: list[_ManagedFields] | None = None


class _AnyObject(_ApiAnswer):
    """What an object must have, to be one."""

    metadata: _Metadata


class _Condition(_ApiAnswer):
    type: str
    status: str
    reason: str | None = None
    message: str | None = None
    last_transition_time: str | None = None
    last_update_time: str | None = None
    observed_generation: _Generation | None = None


class _Conditions(_ApiAnswer):
    conditions: list[_Condition] | None = None
    observed_generation: _Generation | None = None


class _Named(_ApiAnswer):
    name: str


class _FluxSpec(_ApiAnswer):
    suspend: bool | None = None
    interval: str | None = None
    type: str | None = None
    url: str | None = None
    secret_ref: _Named | None = None


class _Artifact(_ApiAnswer):
    revision: str | None = None
    last_update_time: str | None = None


class _Tag(_ApiAnswer):
    tag: str | None = None


class _Release(_ApiAnswer):
    chart_version: str | None = None
    last_deployed: str | None = None
    first_reconciled: str | None = None
    last_reconciled: str | None = None


class _FluxStatus(_Conditions):
    last_handled_reconcile_at: str | None = None
    last_applied_revision: str | None = None
    last_push_commit: str | None = None
    latest_ref: _Tag | None = None
    artifact: _Artifact | None = None
    history: list[_Release] | None = None


class FluxBody(_ApiAnswer):
    """Any object of Flux."""

    spec: _FluxSpec | None = None
    status: _FluxStatus | None = None


class _Selector(_ApiAnswer):
    match_labels: dict[str, str] | None = None


class _Container(_ApiAnswer):
    name: str
    image: str | None = None


class _PodSpec(_ApiAnswer):
    containers: list[_Container] | None = None


class _PodTemplate(_ApiAnswer):
    spec: _PodSpec | None = None


class _DeploymentSpec(_ApiAnswer):
    replicas: _Count | None = None
    selector: _Selector | None = None
    template: _PodTemplate | None = None


class _DeploymentStatus(_Conditions):
    available_replicas: _Count | None = None
    updated_replicas: _Count | None = None


class Deployment(_ApiAnswer):
    """A Deployment of a controller."""

    spec: _DeploymentSpec | None = None
    status: _DeploymentStatus | None = None


class _Because(_ApiAnswer):
    reason: str | None = None
    message: str | None = None


class _ContainerState(_ApiAnswer):
    waiting: _Because | None = None
    terminated: _Because | None = None


class _ContainerStatus(_ApiAnswer):
    restart_count: _Count | None = None
    state: _ContainerState | None = None
    last_state: _ContainerState | None = None


class _PodStatus(_ApiAnswer):
    container_statuses: list[_ContainerStatus] | None = None


class Pod(_ApiAnswer):
    """A pod of a controller."""

    status: _PodStatus | None = None


class SecretData(_ApiAnswer):
    """What a Secret holds, in base64."""

    metadata: _Metadata
    data: dict[str, str] | None = Field(None, repr=False)


RestT = TypeVar("RestT", FluxBody, Deployment, Pod)


def used_of(item: Body, rest: type[RestT], what: str) -> Body:
    """What is used of an object, as far as it fits: `metadata`, and what `rest` describes, or else `MALFORMED`.

    Raises:
        MalformedAnswerError: it is no object, or has no name.
    """
    known_as = fitting(_AnyObject, item, what)
    try:
        known = rest.model_validate(item).model_dump(by_alias=True, exclude_none=True)
    except ValidationError as error:
        known = {MALFORMED: why_unfitting(error)}
    return {"metadata": known_as.metadata.model_dump(by_alias=True, exclude_none=True), **known}
