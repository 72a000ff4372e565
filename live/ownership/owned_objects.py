"""What exists in a cluster of the objects that a stack will make, and whose fields they are.

Reads metadata alone, but for the controllers and their roles where the release changes, and for single Secrets.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from functools import partial
from typing import Any, NamedTuple

from flux.object_reference import ObjectReference
from flux.owners_mark import CLUSTER_PINNER, CLUSTER_UID_ANNOTATION, TAKEN_ANNOTATION, TAKER
from flux.secret_entries import text_entries
from live.access.target import Target
from live.client.answer_model import fitting
from live.client.api_answers import SecretData
from live.client.bounded_client import RefusedRequestError
from live.client.cluster_connection import ClusterConnection
from live.client.list_pages import pages_of
from live.client.object_metadata import METADATA, LiveMetadata, MetadataAnswer, MetadataPage
from live.managed_versions import versions_named
from live.ownership.kept_fields import kept
from live.ownership.object_owners import is_former
from live.ownership.released_fields import released
from live.ownership.wanted_objects import WantedObject
from live.stored_versions import StoredDefinition, stored_definitions

AT_ONCE = 8
_PAGE = 500
_ATTEMPTS = 6
_PAUSE = 1.0
_KUBE_SYSTEM = "/api/v1/namespaces/kube-system"
_FORBIDDEN, _GONE, _CHANGED, _LATER = 403, 404, 409, 429
FoundObjects = dict[ObjectReference, LiveMetadata]


class ListedObjects(NamedTuple):
    """What a look has found."""

    found: FoundObjects
    """Of what is wanted."""
    beside: FoundObjects
    """What else was in the lists."""


class OwnedObjects(ClusterConnection):
    """A connection to one cluster, for one look and what follows from it."""

    def __init__(self, target: Target, *, consequence: str = "Objects of somebody else could be overwritten.") -> None:
        """`consequence`: of a refusal. Raises KubeconfigError."""
        super().__init__(target)
        self._consequence = consequence

    def find(self, wanted: Iterable[WantedObject]) -> FoundObjects:
        """What exists of it: one list for each kind in a namespace; outside of namespaces one request for each object.

        Outside, a list would hold what everybody else has: hundreds of CRDs, each with the owners of thousands of fields.

        Raises:
            LiveError: the server does not answer, or refuses.
        """
        return self.look(wanted).found

    def look(self, wanted: Iterable[WantedObject], kinds: Iterable[WantedObject] = (), selector: str = "") -> ListedObjects:
        """The same, and what is there beside it: in the same lists, and of the other `kinds` in lists of what `selector` selects.

        `kinds`: an object of each, without a name.

        Raises:
            LiveError: the server does not answer, or refuses.
        """
        listed: dict[str, list[WantedObject]] = {}
        for each in wanted:
            listed.setdefault(each.collection if each.reference.namespace else each.path, []).append(each)
        others = [each for each in kinds if each.collection not in listed]
        with self._errors("list"), ThreadPoolExecutor(AT_ONCE) as pool:
            looks = [pool.submit(self._look, path, some) for path, some in listed.items()]
            looks += [pool.submit(self._beside, each, selector) for each in others]
            whole = ListedObjects({}, {})
            for part in (each.result() for each in looks):
                whole.found.update(part.found)
                whole.beside.update(part.beside)
            return whole

    def labelled(self, collections: Iterable[WantedObject], selector: str) -> FoundObjects:
        """What a selector of labels finds in any namespace. `collections`: an object of each kind, without namespace and name.

        Raises:
            LiveError: the server does not answer, or refuses.
        """
        with self._errors("list"), ThreadPoolExecutor(AT_ONCE) as pool:
            listed = pool.map(lambda kind: (kind, [*self._listed(kind.collection, labelSelector=selector)]), collections)
            return {key: each for kind, found in listed for key, each in self._by_reference(kind.reference.kind, found).items()}

    def values_of(self, secret: WantedObject) -> dict[str, str]:
        """What a Secret holds, as far as it is text; nothing where there is none.

        Raises:
            LiveError: the server does not answer, or refuses.
        """
        with self._errors("get"):
            try:
                data = fitting(SecretData, self._client.get(secret.path), secret.path).data or {}
            except RefusedRequestError as error:
                if error.status == _GONE:
                    return {}
                raise
        return text_entries(data)

    def bodies_of(self, wanted: Iterable[WantedObject]) -> dict[ObjectReference, Mapping[str, Any]]:
        """What the cluster has of these objects, whole, of whatever form; none of an object that is not there.

        Raises:
            LiveError: the server does not answer, or refuses.
        """
        with self._errors("get"), ThreadPoolExecutor(AT_ONCE) as pool:
            found = pool.map(lambda each: (each.reference, self._whole(each)), wanted)
            return {reference: body for reference, body in found if isinstance(body, Mapping)}

    def definitions(self, names: Iterable[str]) -> list[StoredDefinition]:
        """In which versions the cluster stores the kinds of these CRDs.

        Raises:
            LiveError: the server does not answer, or refuses.
        """
        with self._errors("get"):
            return stored_definitions(self._client, names)

    def versions_in_fields(self, definitions: Iterable[StoredDefinition]) -> dict[str, frozenset[str]]:
        """CRD → the versions of its kind that the managed fields of objects in any namespace name; none where this role may not list them.

        Raises:
            LiveError: the server does not answer, or refuses.
        """
        with self._errors("list"), ThreadPoolExecutor(AT_ONCE) as pool:
            return dict(pool.map(lambda each: (each.name, self._named(each)), definitions))

    def take_fields(self, taken: Mapping[WantedObject, tuple[LiveMetadata, str]]) -> int:
        """Give the stack the fields of those from whom it takes objects; the number of objects that had any.

        `taken`: object → what was found of it, and its owner. Done twice, it changes nothing the second time.

        Raises:
            LiveError: the server does not answer, or refuses.
        """
        with self._errors("patch"), ThreadPoolExecutor(AT_ONCE) as pool:
            return sum(pool.map(lambda item: self._take(item[0], *item[1]), taken.items()))

    def keep_fields(self, own: Mapping[WantedObject, tuple[LiveMetadata, bool]]) -> int:
        """Keep what a person set with kubectl beside the stack, and rightly; the number of objects that had any.

        `own`: object → what was found of it, and whether the stack states `spec.suspend`. Done twice, it changes nothing the second time.

        Raises:
            LiveError: the server does not answer, or refuses.
        """
        with self._errors("patch"):
            return sum(self._patched(each, found, partial(kept, states_suspend=states)) for each, (found, states) in own.items())

    def note_former_owners(self, taken: Mapping[WantedObject, str]) -> None:
        """Write on each object from whom it was taken: object → that owner.

        Raises:
            LiveError: the server does not answer, or refuses.
        """
        with self._errors("patch"), ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(lambda item: self._note(item[0], TAKEN_ANNOTATION, item[1], TAKER), taken.items()))

    def cluster_uid(self) -> str | None:
        """The UID of the Namespace kube-system, which every cluster has and no two share; None where this role may not see it.

        Raises:
            LiveError: the server does not answer.
        """
        with self._errors("get"):
            try:
                found = self._get(_KUBE_SYSTEM)
            except RefusedRequestError as error:
                if error.status == _FORBIDDEN:
                    return None
                raise
        return found.uid or None if found else None

    def note_cluster(self, namespace: WantedObject, uid: str) -> None:
        """Write on the Namespace of Flux in which cluster it is.

        Raises:
            LiveError: the server does not answer, or refuses.
        """
        with self._errors("patch"):
            self._note(namespace, CLUSTER_UID_ANNOTATION, uid, CLUSTER_PINNER)

    def _named(self, definition: StoredDefinition) -> frozenset[str]:
        try:
            found = [*self._listed(definition.collection)]
        except RefusedRequestError as error:
            if error.status == _FORBIDDEN:  # as for the role of a preview, which may see flux-system alone
                return frozenset()
            raise
        return frozenset(version for each in found for version in versions_named(each, definition.group))

    def _whole(self, wanted: WantedObject) -> Any:
        try:
            return self._client.get(wanted.path)
        except RefusedRequestError as error:
            if error.status == _GONE:
                return None
            raise

    def _note(self, wanted: WantedObject, annotation: str, value: str, writer: str) -> None:
        self._client.begin_reading()  # as many objects as the stack has
        patch = {"metadata": {"annotations": {annotation: value}}}
        try:
            self._client.merge(wanted.path, patch, {"fieldManager": writer})
        except RefusedRequestError as error:
            if error.status != _GONE:
                raise

    def _look(self, path: str, wanted: list[WantedObject]) -> ListedObjects:
        reference = wanted[0].reference
        if not reference.namespace:
            one = self._get(path)
            return ListedObjects({reference: one} if one else {}, {})
        names, listed = {each.reference.name for each in wanted}, self._by_reference(reference.kind, self._listed(path))
        found = {each: metadata for each, metadata in listed.items() if each.name in names}
        return ListedObjects(found, {each: metadata for each, metadata in listed.items() if each not in found})

    def _beside(self, kind: WantedObject, selector: str) -> ListedObjects:
        return ListedObjects({}, self._by_reference(kind.reference.kind, self._listed(kind.collection, labelSelector=selector)))

    def _by_reference(self, kind: str, listed: Iterable[LiveMetadata]) -> FoundObjects:
        return {ObjectReference(kind, each.namespace, each.name): each for each in listed}

    def _asked(self, path: str, form: str, query: Mapping[str, str | int] | None = None) -> Any:
        """GET. A server that has just been given a CRD answers 429 for a moment."""
        for pause in (*[_PAUSE] * _ATTEMPTS, None):
            try:
                return self._client.get(path, query, accept=METADATA.format(form))
            except RefusedRequestError as error:
                if error.status != _LATER or pause is None:
                    raise
                time.sleep(pause)
        raise AssertionError("unreachable")

    def _get(self, path: str) -> LiveMetadata | None:
        try:
            return fitting(MetadataAnswer, self._asked(path, "PartialObjectMetadata"), path).metadata
        except RefusedRequestError as error:
            if error.status == _GONE:  # or its kind is not there yet
                return None
            raise

    def _listed(self, path: str, **filters: str) -> Iterator[LiveMetadata]:
        for page in pages_of(
            MetadataPage, path, {"limit": _PAGE, **filters}, lambda at, query: self._asked(at, "PartialObjectMetadataList", query)
        ):
            yield from (item.metadata for item in page.items or ())

    def _take(self, wanted: WantedObject, found: LiveMetadata, owner: str) -> int:
        return self._patched(wanted, found, lambda current: released(current, wanted.api_version, is_former(owner)))

    def _patched(self, wanted: WantedObject, found: LiveMetadata, patch_of: Callable[[LiveMetadata], list[dict[str, Any]] | None]) -> int:
        current: LiveMetadata | None = found
        for attempt in range(1, _ATTEMPTS + 1):
            self._client.begin_reading()
            patch = patch_of(current) if current else None
            if patch is None:
                return 0
            try:
                self._client.change(wanted.path, patch, accept=METADATA.format("PartialObjectMetadata"))
            except RefusedRequestError as error:
                if error.status not in (_GONE, _CHANGED) or attempt == _ATTEMPTS:
                    raise
                current = self._get(wanted.path)
            else:
                return 1
        return 0

    def _errors(self, verb: str) -> AbstractContextManager[None]:
        can = self._target.kubectl("auth can-i --list -n flux-system")
        fix = f"Use a role that may {verb} everything that the stack makes. To see what yours may do, run: {can}"
        return self._reading(self._consequence, fix)
