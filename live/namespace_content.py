"""What holds a namespace: the objects in it that have finalizers, of every kind that the API server lists."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import quote

from flux.message import Message
from flux.object_reference import ObjectReference
from live.answer_model import fitting
from live.api_answers import ApiGroupList
from live.bounded_client import BoundedClient, RefusedRequestError
from live.client_errors import ClientErrors
from live.connection import connect
from live.errors import LiveError
from live.flux_resources import resources_of
from live.list_pages import pages_of
from live.object_metadata import MetadataPage
from live.target import Target

_FORBIDDEN, _NOT_ALLOWED = 403, 405
_FORM = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"


@dataclass(frozen=True)
class Holder:
    """An object with finalizers."""

    reference: ObjectReference
    finalizers: tuple[str, ...]


def holders_in(target: Target, namespace: str) -> list[Holder]:
    """The objects in `namespace` that have finalizers; those of kinds that this role may not list are left out.

    Raises:
        LiveError: the server does not answer.
    """
    client, said_on_login = connect(target)
    asked = BoundedClient(client)
    try:
        with ClientErrors(target, said_on_login).told(lambda said: LiveError(target.server, Message(f"refuses: {said}"))):
            return [each for kind, path in _listable(asked, namespace) for each in _held(asked, kind, path)]
    finally:
        asked.close()


def _listable(client: BoundedClient, namespace: str) -> Iterator[tuple[str, str]]:
    groups = fitting(ApiGroupList, client.get("/apis/"), "/apis/").groups
    for version in ("v1", *(f"{group.name}/{group.versions[0].version}" for group in groups if group.versions)):
        root = f"/apis/{version}" if "/" in version else f"/api/{version}"
        for each in resources_of(client, version):
            if each.namespaced and "/" not in each.name and {"list", "delete"} <= set(each.verbs):
                yield each.kind, f"{root}/namespaces/{quote(namespace, safe='')}/{each.name}"


def _held(client: BoundedClient, kind: str, path: str) -> Iterator[Holder]:
    with _left_out_if_forbidden():
        for page in pages_of(MetadataPage, path, {"limit": 500}, lambda at, query: client.get(at, query, accept=_FORM)):
            for item in page.items or ():
                if found := item.metadata.finalizers:
                    yield Holder(ObjectReference(kind, item.metadata.namespace, item.metadata.name), tuple(found))


@contextmanager
def _left_out_if_forbidden() -> Iterator[None]:
    try:
        yield
    except RefusedRequestError as error:
        if error.status not in (_FORBIDDEN, _NOT_ALLOWED):
            raise
