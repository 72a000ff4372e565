"""Why a controller does not come up: why it has no pod, or what its pods wait for, with their last events and the end of their log."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from urllib.parse import quote

from pydantic import ConfigDict, Field
from pydantic.alias_generators import to_camel

from flux.kinds import VERSION_LABEL
from flux.message import Message
from flux.object_reference import FLUX_NAMESPACE
from live.access.target import Target
from live.client.answer_model import AnswerModel, ListPage, fitting
from live.client.bounded_client import PAGE, BoundedClient, RefusedRequestError
from live.client.client_errors import ClientErrors
from live.client.connection import connect
from live.client.list_pages import pages_of
from live.errors import LiveError
from live.flux_objects.flux_resources import PART_OF_FLUX

EVENTS, LOG_LINES, MOST_PODS = 5, 10, 3
"""Of one controller. Of a hundred evicted pods the first are enough."""
_DONE = "Succeeded"
"""A pod that has ended its work is not ready, either."""
_ROOT = f"/api/v1/namespaces/{FLUX_NAMESPACE}"
_APPS = f"/apis/apps/v1/namespaces/{FLUX_NAMESPACE}"
_STARTING = ("ContainerCreating", "PodInitializing")
_FAILS = (("ReplicaFailure", "True"), ("Progressing", "False"))
"""Conditions of a Deployment, or of a ReplicaSet, that say why it has no pod, or gave up."""


class _Answer(AnswerModel):
    model_config = ConfigDict(alias_generator=to_camel)


class _Owner(_Answer):
    uid: str = ""


class _Metadata(_Answer):
    name: str
    uid: str = ""
    generation: int = 0
    labels: dict[str, str] = Field(default_factory=dict)
    deletion_timestamp: str | None = None
    owner_references: list[_Owner] = Field(default_factory=list)

    def is_owned_by(self, other: "_Metadata") -> bool:
        return any(owner.uid == other.uid for owner in self.owner_references)


class _State(_Answer):
    reason: str = ""
    message: str = ""


class _States(_Answer):
    waiting: _State | None = None
    terminated: _State | None = None


class _Container(_Answer):
    name: str
    ready: bool = False
    state: _States = Field(default_factory=_States)
    last_state: _States = Field(default_factory=_States)


class _Condition(_Answer):
    type: str
    status: str
    reason: str = ""
    message: str = ""


class _PodStatus(_Answer):
    phase: str = ""
    conditions: list[_Condition] = Field(default_factory=list)
    container_statuses: list[_Container] = Field(default_factory=list)


class _Pod(_Answer):
    metadata: _Metadata
    status: _PodStatus = Field(default_factory=_PodStatus)


class _Pods(ListPage):
    items: list[_Pod]


class _Scale(_Answer):
    replicas: int = 1


class _WorkloadStatus(_Answer):
    observed_generation: int = 0
    replicas: int = 0
    updated_replicas: int = 0
    available_replicas: int = 0
    conditions: list[_Condition] = Field(default_factory=list)


class _Workload(_Answer):
    """A Deployment or a ReplicaSet."""

    metadata: _Metadata
    spec: _Scale = Field(default_factory=_Scale)
    status: _WorkloadStatus = Field(default_factory=_WorkloadStatus)

    @property
    def is_up(self) -> bool:
        """As the provider sees it: the newest version of all pods, available, and none of an older one."""
        wanted, status = self.spec.replicas, self.status
        counts = (status.updated_replicas, status.available_replicas, status.replicas)
        return status.observed_generation >= self.metadata.generation and all(count == wanted for count in counts)

    @property
    def reasons(self) -> list[str]:
        return [_text(each.reason, each.message) for each in self.status.conditions if (each.type, each.status) in _FAILS]


class _Workloads(ListPage):
    items: list[_Workload]


class _Event(_Answer):
    reason: str = ""
    message: str = ""
    last_timestamp: str | None = None
    event_time: str | None = None

    @property
    def moment(self) -> str:
        """When it was seen last."""
        return self.last_timestamp or self.event_time or ""


class _Events(ListPage):
    items: list[_Event]


@dataclass(frozen=True, kw_only=True)
class PodFault:
    """A pod that does not run. Its texts are the cluster's, as they came."""

    pod: str
    reasons: tuple[str, ...]
    events: tuple[str, ...]
    log: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ControllerFault:
    """A controller that does not come up. Its texts are the cluster's, as they came."""

    controller: str
    """Its Deployment."""
    version: str
    """Of Flux, by its label."""
    reasons: tuple[str, ...]
    """Why it has no pod, where that is so."""
    events: tuple[str, ...]
    pods: tuple[PodFault, ...]

    @property
    def is_explained(self) -> bool:
        """Whether the cluster says why. A pod that pulls its image has no reason yet."""
        return bool(self.reasons or any(pod.reasons for pod in self.pods))


def controller_faults(target: Target) -> list[ControllerFault]:
    """Flux's controllers that are not up, and why.

    Raises:
        LiveError: the server does not answer, or refuses.
    """
    client, said_on_login = connect(target)
    asked, errors = BoundedClient(client), ClientErrors(target, said_on_login)
    try:
        with errors.told(lambda said: LiveError(errors.where, Message(f"refuses: {said}", "Why controllers do not run is unknown."))):
            failing = [each for each in _workloads(asked, "deployments") if not each.is_up]
            if not failing:
                return []
            pages = pages_of(_Pods, f"{_ROOT}/pods", {"limit": PAGE}, asked.get)
            pods = [pod for page in pages for pod in page.items if _is_failing(pod)]
            return _faults(asked, failing, _replica_sets(asked), pods)
    finally:
        asked.close()


def _workloads(client: BoundedClient, plural: str) -> list[_Workload]:
    query: dict[str, str | int] = {"limit": PAGE, **({"labelSelector": PART_OF_FLUX} if plural == "deployments" else {})}
    return [each for page in pages_of(_Workloads, f"{_APPS}/{plural}", query, client.get) for each in page.items]


def _replica_sets(client: BoundedClient) -> list[_Workload]:
    with _not_there():
        return _workloads(client, "replicasets")
    return []


def _is_failing(pod: _Pod) -> bool:
    is_ready = any(each.type == "Ready" and each.status == "True" for each in pod.status.conditions)
    return not is_ready and pod.status.phase != _DONE and not pod.metadata.deletion_timestamp


def _faults(
    client: BoundedClient, failing: Sequence[_Workload], replica_sets: Sequence[_Workload], pods: Sequence[_Pod]
) -> list[ControllerFault]:
    faults = []
    for each in failing:
        sets = [found for found in replica_sets if found.metadata.is_owned_by(each.metadata)]
        own = [pod for pod in pods if _is_pod_of(pod, each, sets)]
        reasons = dict.fromkeys(reason for found in (each, *sets) for reason in found.reasons)
        without_pods = [found for found in sets if found.reasons or (not own and found.spec.replicas > found.status.replicas)]
        fault = ControllerFault(
            controller=each.metadata.name,
            version=each.metadata.labels.get(VERSION_LABEL, ""),
            reasons=tuple(reasons),
            events=tuple(event for found in without_pods for event in _events(client, "ReplicaSet", found.metadata.name)),
            pods=tuple(_fault(client, pod) for pod in islice(own, MOST_PODS)),
        )
        faults.append(fault)
    return faults


def _is_pod_of(pod: _Pod, deployment: _Workload, sets: Sequence[_Workload]) -> bool:
    """By its name, where the role may not list ReplicaSets."""
    if sets:
        return any(pod.metadata.is_owned_by(each.metadata) for each in sets)
    return pod.metadata.name.rpartition("-")[0].rpartition("-")[0] == deployment.metadata.name


def _fault(client: BoundedClient, pod: _Pod) -> PodFault:
    name = pod.metadata.name
    return PodFault(pod=name, reasons=tuple(_reasons(pod)), events=tuple(_events(client, "Pod", name)), log=tuple(_log(client, pod)))


def _reasons(pod: _Pod) -> Iterator[str]:
    for container in pod.status.container_statuses:
        for state in (container.state.waiting, container.state.terminated, container.last_state.terminated):
            if state and state.reason and state.reason not in _STARTING:
                yield _text(state.reason, state.message)
    for each in pod.status.conditions:
        if each.type == "PodScheduled" and each.status == "False":
            yield _text(each.reason, each.message)


def _text(reason: str, message: str) -> str:
    return ": ".join(part for part in (reason, message) if part)


def _events(client: BoundedClient, kind: str, name: str) -> list[str]:
    query: dict[str, str | int] = {"limit": PAGE, "fieldSelector": f"involvedObject.kind={kind},involvedObject.name={name}"}
    with _not_there():
        found = sorted(fitting(_Events, client.get(f"{_ROOT}/events", query), "events").items, key=lambda each: each.moment)
        return [f"{each.moment} {each.reason}: {each.message}" for each in found[-EVENTS:]]
    return []


def _log(client: BoundedClient, pod: _Pod) -> list[str]:
    """Of the container that ended last, if there is one: a crash stands at the end of that log."""
    path = f"{_ROOT}/pods/{quote(pod.metadata.name, safe='')}/log"
    for container in pod.status.container_statuses:
        previous = "true" if container.last_state.terminated and not container.ready else "false"
        with _not_there():
            return client.text(path, {"container": container.name, "tailLines": LOG_LINES, "previous": previous}).splitlines()[-LOG_LINES:]
    return []


@contextmanager
def _not_there() -> Iterator[None]:
    """A pod that never started has no log, and a role may not read events."""
    with suppress(RefusedRequestError):
        yield
