"""Why a controller's pod does not run: what its containers wait for, its last events, and the end of its log."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from urllib.parse import quote

from pydantic import ConfigDict, Field
from pydantic.alias_generators import to_camel

from flux.message import Message
from flux.object_reference import FLUX_NAMESPACE
from live.answer_model import AnswerModel, ListPage, fitting
from live.bounded_client import PAGE, BoundedClient, RefusedRequestError
from live.client_errors import ClientErrors
from live.connection import connect
from live.errors import LiveError
from live.list_pages import pages_of
from live.target import Target

EVENTS, LOG_LINES, MOST_PODS = 5, 10, 20
_DONE = "Succeeded"
"""A pod that has ended its work is not ready, either."""
_ROOT = f"/api/v1/namespaces/{FLUX_NAMESPACE}"


class _Answer(AnswerModel):
    model_config = ConfigDict(alias_generator=to_camel)


class _Metadata(_Answer):
    name: str
    labels: dict[str, str] = Field(default_factory=dict)


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


def pod_faults(target: Target) -> list[PodFault]:
    """The pods of Flux's namespace that are not ready, and why; of a hundred evicted ones the first are enough.

    Raises:
        LiveError: the server does not answer, or refuses.
    """
    client, said_on_login = connect(target)
    asked, errors = BoundedClient(client), ClientErrors(target, said_on_login)
    try:
        with errors.told(lambda said: LiveError(errors.where, Message(f"refuses: {said}", "Why controllers do not run is unknown."))):
            pages = pages_of(_Pods, f"{_ROOT}/pods", {"limit": PAGE}, asked.get)
            failing = (pod for page in pages for pod in page.items if pod.status.phase != _DONE and not _is_ready(pod))
            return [_fault(asked, pod) for pod in islice(failing, MOST_PODS)]
    finally:
        asked.close()


def _is_ready(pod: _Pod) -> bool:
    return any(each.type == "Ready" and each.status == "True" for each in pod.status.conditions)


def _fault(client: BoundedClient, pod: _Pod) -> PodFault:
    name = pod.metadata.name
    return PodFault(pod=name, reasons=tuple(_reasons(pod)), events=tuple(_events(client, name)), log=tuple(_log(client, pod)))


def _reasons(pod: _Pod) -> Iterator[str]:
    for container in pod.status.container_statuses:
        for state in (container.state.waiting, container.state.terminated, container.last_state.terminated):
            if state and state.reason:
                yield ": ".join(part for part in (state.reason, state.message) if part)
    for each in pod.status.conditions:
        if each.type == "PodScheduled" and each.status == "False":
            yield ": ".join(part for part in (each.reason, each.message) if part)


def _events(client: BoundedClient, pod: str) -> list[str]:
    query: dict[str, str | int] = {"limit": PAGE, "fieldSelector": f"involvedObject.kind=Pod,involvedObject.name={pod}"}
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
