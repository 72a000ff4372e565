"""In which versions a cluster's etcd may hold Flux's objects, and how they are rewritten in the current one.

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


class StoredVersions(ClusterConnection):
    """A connection to one cluster. Every method raises LiveError where the server does not answer, or refuses."""

    def of_flux(self) -> list[StoredDefinition]:
        """Flux's CRDs, as the cluster has them."""
        with self._errors("list"):
            pages = pages_of(MetadataPage, DEFINITIONS, {"limit": 500}, self._listed)
            names = [item.metadata.name for page in pages for item in page.items or ()]
            return stored_definitions(self._client, sorted(name for name in names if is_flux_api(name.partition(".")[2])))

    def migrate(self, definition: StoredDefinition, say: Callable[[int], None]) -> int:
        """Rewrite every object of a CRD, and then say so in its status; the number of objects. It can be stopped and done again.

        `say` is called with the number of those that are done.
        """
        version = f"{definition.group}/{definition.storage}"
        path = f"/apis/{version}/{definition.plural}"
        with self._errors("patch"):
            # All of them before the first is written: a list that takes longer than etcd keeps old revisions (five minutes) cannot go on.
            pages = list(pages_of(MetadataPage, path, {"limit": _PAGE}, self._served))
            count = 0
            for item in (item for page in pages for item in page.items or ()):
                self._client.begin_reading()
                self._rewrite(version, definition.plural, item.metadata)
                count += 1
                say(count)
            status = {"status": {"storedVersions": [definition.storage]}}
            self._client.merge(f"{DEFINITIONS}/{quote(definition.name, safe='')}/status", status, {"fieldManager": FIELD_MANAGER})
        return count

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

    def _rewrite(self, version: str, plural: str, found: LiveMetadata) -> None:
        """Patch it with its own `managedFields`, in the current version: an apply cannot read those of a version that is gone."""
        namespace = f"/namespaces/{quote(found.namespace, safe='')}" if found.namespace else ""
        path = f"/apis/{version}{namespace}/{plural}/{quote(found.name, safe='')}"
        for attempt in range(1, _ATTEMPTS + 1):
            entries = [{**each.as_written(), "apiVersion": _present(each.api_version, version)} for each in found.managed_fields]
            patch: list[dict[str, Any]] = [
                # "add" replaces what is there, and does not need it: a restored object may have none.
                {"op": "add", "path": "/metadata/managedFields", "value": entries or [{}]},
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


def _present(written: str, version: str) -> str:
    return version if written.partition("/")[0] == version.partition("/")[0] else written
