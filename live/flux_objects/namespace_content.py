"""What holds a namespace: the objects in it that have finalizers, of every kind that the API server lists."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import quote

from flux.message import Message
from flux.object_reference import ObjectReference
from live.access.target import Target
from live.client.answer_model import MalformedAnswerError, fitting
from live.client.api_answers import ApiGroupList
from live.client.bounded_client import BoundedClient, RefusedRequestError
from live.client.client_errors import ClientErrors
from live.client.connection import connect
from live.client.list_pages import pages_of
from live.client.object_metadata import METADATA, MetadataPage
from live.errors import LiveError
from live.flux_objects.flux_resources import resources_of

_NO_WAY_TO_LIST = (403, 404, 405, 406)
"""This role may not, or this API has no lists, or none of metadata alone."""


@dataclass(frozen=True)
class Holder:
    """An object with finalizers."""

    reference: ObjectReference
    finalizers: tuple[str, ...]


@dataclass(frozen=True)
class Silent:
    """An API that does not answer: an aggregated one without its server, a CRD without its conversion webhook.

    Kubernetes removes no namespace before it has looked there.
    """

    path: str
    why: str


def holders_in(target: Target, namespace: str) -> list[Holder | Silent]:
    """The objects in `namespace` that have finalizers; those of kinds that this role may not list are left out. And what does not answer.

    Raises:
        LiveError: the server does not answer.
    """
    client, said_on_login = connect(target)
    asked = BoundedClient(client)
    try:
        with ClientErrors(target, said_on_login).told(lambda said: LiveError(target.server, Message(f"refuses: {said}"))):
            return [*_holders(asked, namespace)]
    finally:
        asked.close()


def _holders(client: BoundedClient, namespace: str) -> Iterator[Holder | Silent]:
    groups = fitting(ApiGroupList, client.get("/apis/"), "/apis/").groups
    for version in ("v1", *(f"{group.name}/{group.versions[0].version}" for group in groups if group.versions)):
        kinds: list[tuple[str, str]] = []
        yield from _unless_silent(version, lambda: kinds.extend(_listable(client, version, namespace)))  # noqa: B023 (called at once)
        for kind, path in kinds:
            held: list[Holder] = []
            yield from _unless_silent(path, lambda: held.extend(_held(client, kind, path)))  # noqa: B023 (called at once)
            yield from held


def _listable(client: BoundedClient, version: str, namespace: str) -> Iterator[tuple[str, str]]:
    root = f"/apis/{version}" if "/" in version else f"/api/{version}"
    for each in resources_of(client, version):
        if each.namespaced and "/" not in each.name and {"list", "delete"} <= set(each.verbs):
            yield each.kind, f"{root}/namespaces/{quote(namespace, safe='')}/{each.name}"


def _held(client: BoundedClient, kind: str, path: str) -> Iterator[Holder]:
    form = METADATA.format("PartialObjectMetadataList")
    for page in pages_of(MetadataPage, path, {"limit": 500}, lambda at, query: client.get(at, query, accept=form)):
        for item in page.items or ():
            if found := item.metadata.finalizers:
                yield Holder(ObjectReference(kind, item.metadata.namespace, item.metadata.name), tuple(found))


def _unless_silent(path: str, read: Callable[[], None]) -> Iterator[Silent]:
    try:
        read()
    except RefusedRequestError as error:
        if error.status not in _NO_WAY_TO_LIST:
            yield Silent(path, f"{error.status} {error.said}")
    except MalformedAnswerError as error:
        yield Silent(path, error.wrong)
