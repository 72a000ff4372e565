"""In which versions a cluster's etcd may hold Flux's objects, or their managed fields name, and how they are rewritten in the current one.

A CRD that drops a version which `status.storedVersions` lists is refused by the API server. Writing every object once, and then the
status, is what `flux migrate` and Kubernetes' documentation do
(https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definition-versioning/#upgrade-existing-objects-to-a-new-stored-version).
"""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from pydantic import ConfigDict
from pydantic.alias_generators import to_camel

from flux.kinds import is_flux_api
from flux.owners_mark import FIELD_MANAGER
from live.client.answer_model import AnswerModel, MalformedAnswerError, fitting
from live.client.bounded_client import BoundedClient, RefusedRequestError
from live.client.cluster_connection import ClusterConnection
from live.client.list_pages import pages_of
from live.client.object_metadata import METADATA, LiveMetadata, MetadataAnswer, MetadataPage
from live.managed_versions import fields_in, versions_named

DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
_GONE, _CHANGED = 404, 409
_ATTEMPTS = 5
_PAGE = 500


class _Answer(AnswerModel):
    model_config = ConfigDict(alias_generator=to_camel)


class _Names(_Answer):
    kind: str
    plural: str


class _Version(_Answer):
    name: str
    served: bool = False
    storage: bool = False


class _Spec(_Answer):
    group: str
    names: _Names
    versions: list[_Version]


class _Status(_Answer):
    stored_versions: list[str] | None = None


class _Definition(_Answer):
    spec: _Spec
    status: _Status | None = None


@dataclass(frozen=True, kw_only=True)
class StoredDefinition:
    """A CRD of the cluster, as far as its versions go."""

    name: str
    """`kustomizations.kustomize.toolkit.fluxcd.io`."""
    kind: str
    group: str
    plural: str
    versions: frozenset[str]
    """Those that it has."""
    storage: str
    """The one in which objects are written."""
    stored: tuple[str, ...]
    """Those in which there may be objects."""

    @property
    def is_migrated(self) -> bool:
        """Whether there can be objects in the storage version alone."""
        return set(self.stored) <= {self.storage}

    @property
    def api_version(self) -> str:
        """The current one, with its group."""
        return f"{self.group}/{self.storage}"

    @property
    def collection(self) -> str:
        """The path of the list of all objects."""
        return f"/apis/{self.api_version}/{self.plural}"


@dataclass(frozen=True, kw_only=True)
class OutdatedObjects:
    """What is to be rewritten of one kind."""

    definition: StoredDefinition
    objects: tuple[LiveMetadata, ...]
    """Every object of a kind that may be stored in another version; of others those whose managed fields name another."""
    named: tuple[str, ...]
    """The versions that the managed fields of the kind's objects name."""


class StoredVersions(ClusterConnection):
    """A connection to one cluster. Every method raises LiveError where the server does not answer, or refuses."""

    def of_flux(self) -> list[StoredDefinition]:
        """Flux's CRDs, as the cluster has them."""
        with self._errors("list"):
            pages = pages_of(MetadataPage, DEFINITIONS, {"limit": 500}, self._listed)
            names = [item.metadata.name for page in pages for item in page.items or ()]
            return stored_definitions(self._client, sorted(name for name in names if is_flux_api(name.partition(".")[2])))

    def outdated(self, definition: StoredDefinition) -> OutdatedObjects | None:
        """What is to be rewritten of a kind; None where nothing is."""
        objects: list[LiveMetadata] = []
        named: set[str] = set()
        # All of them before the first is written: a list that takes longer than etcd keeps old revisions (five minutes) cannot go on.
        with self._errors("list"):
            for page in pages_of(MetadataPage, definition.collection, {"limit": _PAGE}, self._served):
                for found in (item.metadata for item in page.items or ()):
                    versions = versions_named(found, definition.group)
                    named |= versions
                    if not definition.is_migrated or versions - {definition.storage}:
                        objects.append(found)
        if definition.is_migrated and not objects:
            return None
        return OutdatedObjects(definition=definition, objects=tuple(objects), named=tuple(sorted(named)))

    def migrate(self, outdated: OutdatedObjects, say: Callable[[int], None]) -> None:
        """Rewrite these objects, and then say so in the status of their CRD. It can be stopped and done again.

        `say` is called with the number of those that are done.
        """
        definition = outdated.definition
        with self._errors("patch"):
            for count, found in enumerate(outdated.objects, 1):
                self._client.begin_reading()
                self._rewrite(definition, found)
                say(count)
            if not definition.is_migrated:
                status = {"status": {"storedVersions": [definition.storage]}}
                self._client.merge(f"{DEFINITIONS}/{quote(definition.name, safe='')}/status", status, {"fieldManager": FIELD_MANAGER})

    def _listed(self, path: str, query: dict[str, str | int]) -> Any:
        self._client.begin_reading()  # as many pages as there are
        return self._client.get(path, query, accept=METADATA.format("PartialObjectMetadataList"))

    def _served(self, path: str, query: dict[str, str | int]) -> Any:
        """As `_listed`, but a list that is not there is no empty one: its objects would be noted as rewritten."""
        try:
            return self._listed(path, query)
        except RefusedRequestError as error:
            if error.status == _GONE:
                raise MalformedAnswerError(f"{path} is not there") from None
            raise

    def _rewrite(self, definition: StoredDefinition, found: LiveMetadata) -> None:
        """Patch it with its own `managedFields`, in the current version: an apply cannot read those of a version that is gone."""
        namespace = f"/namespaces/{quote(found.namespace, safe='')}" if found.namespace else ""
        path = f"/apis/{definition.api_version}{namespace}/{definition.plural}/{quote(found.name, safe='')}"
        for attempt in range(1, _ATTEMPTS + 1):
            patch: list[dict[str, Any]] = [
                # "add" replaces what is there, and does not need it: a restored object may have none.
                {"op": "add", "path": "/metadata/managedFields", "value": fields_in(found, definition.api_version) or [{}]},
                {"op": "replace", "path": "/metadata/resourceVersion", "value": found.resource_version},
            ]
            try:
                self._client.change(path, patch, accept=METADATA.format("PartialObjectMetadata"))
            except RefusedRequestError as error:
                if error.status == _GONE:
                    return
                if error.status != _CHANGED or attempt == _ATTEMPTS:
                    raise
                found = self._read_again(path)
            else:
                return

    def _read_again(self, path: str) -> LiveMetadata:
        return fitting(MetadataAnswer, self._client.get(path, accept=METADATA.format("PartialObjectMetadata")), path).metadata

    def _errors(self, verb: str) -> AbstractContextManager[None]:
        can = self._target.kubectl(f"auth can-i {verb} customresourcedefinitions.apiextensions.k8s.io")
        fix = f"Use a role that may {verb} CustomResourceDefinitions and Flux's objects. Run: {can}"
        return self._reading("Whether the new release can be installed is unknown.", fix)


def stored_definitions(client: BoundedClient, names: Iterable[str]) -> list[StoredDefinition]:
    """The CRDs of these names that the cluster has. Raises as `BoundedClient.get` does."""
    found = ((name, _definition(client, name)) for name in names)
    return [_stored(name, each) for name, each in found if each]


def _definition(client: BoundedClient, name: str) -> _Definition | None:
    path = f"{DEFINITIONS}/{quote(name, safe='')}"
    try:
        return fitting(_Definition, client.get(path), path)
    except RefusedRequestError as error:
        if error.status == _GONE:
            return None
        raise


def _stored(name: str, each: _Definition) -> StoredDefinition:
    spec = each.spec
    return StoredDefinition(
        name=name,
        kind=spec.names.kind,
        group=spec.group,
        plural=spec.names.plural,
        versions=frozenset(version.name for version in spec.versions),
        storage=next((version.name for version in spec.versions if version.storage), ""),
        stored=tuple(each.status.stored_versions or () if each.status else ()),
    )
