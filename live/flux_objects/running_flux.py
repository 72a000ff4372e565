"""The Flux that runs in a cluster, whole: its installation, its objects, the Secrets that they name, and who owns what. Only looks."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from flux.bodies import SOPS_AGE_SECRET
from flux.kinds import is_flux_api
from flux.message import Message
from flux.object_reference import FLUX_NAMESPACE, ObjectReference
from flux.secret_entries import text_entries
from live.access.target import Target
from live.client.answer_model import AnswerModel, MalformedAnswerError, fitting
from live.client.api_answers import Page, SecretData
from live.client.bounded_client import PAGE, BoundedClient, RefusedRequestError
from live.client.client_errors import ClientErrors
from live.client.connection import connect
from live.client.list_pages import pages_of
from live.client.object_metadata import METADATA, LiveMetadata, MetadataAnswer, MetadataPage
from live.errors import LiveError
from live.flux_objects.flux_resources import PART_OF_FLUX, flux_resources
from live.ownership.applied_part import applied_part
from live.stored_versions import DEFINITIONS, StoredDefinition, stored_definitions

_OF_HELM = "owner=helm"
_INSTANCES = "/apis/fluxcd.controlplane.io/v1/fluxinstances"
_INSTALLED = (
    ("v1", "ServiceAccount", "serviceaccounts"),
    ("v1", "Service", "services"),
    ("v1", "ResourceQuota", "resourcequotas"),
    ("apps/v1", "Deployment", "deployments"),
    ("networking.k8s.io/v1", "NetworkPolicy", "networkpolicies"),
)
_INSTALLED_ANYWHERE = (
    ("rbac.authorization.k8s.io/v1", "ClusterRole", "clusterroles"),
    ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", "clusterrolebindings"),
)
_SECRET_FIELDS = ("secretRef", "certSecretRef", "proxySecretRef")
_GONE = 404


@dataclass(frozen=True, kw_only=True)
class LiveObject:
    """An object, and who owns it."""

    api_version: str
    kind: str
    metadata: LiveMetadata
    body: Mapping[str, Any] = field(repr=False)
    """As the server has it."""

    @property
    def reference(self) -> ObjectReference:
        """What it is called."""
        return ObjectReference(self.kind, self.metadata.namespace, self.metadata.name)

    def declared(self, part: str) -> dict[str, Any]:
        """What somebody wrote of `spec`, or of another part: without defaults. All of it where no writer is recorded."""
        whole = self.body.get(part)
        whole = dict(whole) if isinstance(whole, Mapping) else {}
        return dict(applied_part(self.body, self.metadata.managed_fields).get(part) or whole)


@dataclass(frozen=True, kw_only=True)
class LiveSecret:
    """A Secret. Shows no value."""

    metadata: LiveMetadata
    values: Mapping[str, str] = field(repr=False)
    """Entry → text; entries that are no text are left out."""


@dataclass(frozen=True, kw_only=True)
class RunningFlux:
    """One look at a cluster."""

    objects: tuple[LiveObject, ...]
    """Of Flux's own kinds, in every namespace."""
    installed: tuple[LiveObject, ...]
    """The rest of what Flux's manifests make, in its namespace; of CRDs the metadata alone."""
    instances: tuple[LiveObject, ...]
    """FluxInstances of flux-operator."""
    releases: tuple[str, ...]
    """Names of the Helm releases in Flux's namespace."""
    secrets: Mapping[str, LiveSecret]
    """Those in Flux's namespace that its objects name, and that with the age keys."""
    definitions: tuple[StoredDefinition, ...]
    kubernetes: str
    """`1.36`."""

    def deployment(self, name: str) -> LiveObject | None:
        """A Deployment of the installation."""
        return next((each for each in self.installed if each.kind == "Deployment" and each.metadata.name == name), None)

    def find(self, kind: str, name: str) -> LiveObject | None:
        """An object of Flux's own kinds in its namespace."""
        wanted = ObjectReference(kind, FLUX_NAMESPACE, name)
        return next((each for each in self.objects if each.reference == wanted), None)


class _Version(AnswerModel):
    major: str
    minor: str


def read_running_flux(target: Target) -> RunningFlux:
    """Look.

    Raises:
        LiveError: the server does not answer, or refuses.
    """
    client, said_on_login = connect(target)
    reader = _Reader(BoundedClient(client))
    try:
        with _told(target, said_on_login):
            return reader.read()
    finally:
        reader.client.close()


class _Reader:
    """One reading."""

    def __init__(self, client: BoundedClient) -> None:
        self.client = client

    def read(self) -> RunningFlux:
        """Everything."""
        version = fitting(_Version, self.client.get("/version"), "/version")
        objects = tuple(
            each for at, found in flux_resources(self.client) for each in self._list(f"/apis/{at}/{found.name}", at, found.kind)
        )
        definitions = [each for each in self._metadata(DEFINITIONS, {}) if is_flux_api(each.name.partition(".")[2])]
        helm = self._metadata(f"/api/v1/namespaces/{FLUX_NAMESPACE}/secrets", {"labelSelector": _OF_HELM})
        return RunningFlux(
            objects=objects,
            installed=(*self._installed(), *map(_definition, definitions)),
            instances=tuple(self._list(_INSTANCES, "fluxcd.controlplane.io/v1", "FluxInstance")),
            releases=tuple(sorted({each.labels["name"] for each in helm if "name" in each.labels})),
            secrets=self._secrets({SOPS_AGE_SECRET, *_named_secrets(objects)}),
            definitions=tuple(stored_definitions(self.client, [each.name for each in definitions])),
            kubernetes=f"{version.major}.{version.minor.rstrip('+')}",
        )

    def _installed(self) -> Iterator[LiveObject]:
        namespace = f"/api/v1/namespaces/{FLUX_NAMESPACE}"
        with suppress(_NotThereError):
            yield _live("v1", "Namespace", self._get(namespace), namespace)
        for version, kind, plural in _INSTALLED:
            root = "/api" if version == "v1" else "/apis"
            yield from self._list(f"{root}/{version}/namespaces/{FLUX_NAMESPACE}/{plural}", version, kind, labelSelector=PART_OF_FLUX)
        for version, kind, plural in _INSTALLED_ANYWHERE:
            yield from self._list(f"/apis/{version}/{plural}", version, kind, labelSelector=PART_OF_FLUX)

    def _secrets(self, names: Iterable[str]) -> dict[str, LiveSecret]:
        found = {}
        for name in sorted(names):
            path = f"/api/v1/namespaces/{FLUX_NAMESPACE}/secrets/{quote(name, safe='')}"
            with suppress(_NotThereError):
                answer = self._get(path)
                values = text_entries(fitting(SecretData, answer, path).data or {})
                found[name] = LiveSecret(metadata=fitting(MetadataAnswer, answer, path).metadata, values=values)
        return found

    def _list(self, path: str, version: str, kind: str, **query: str) -> Iterator[LiveObject]:
        for page in pages_of(Page, path, {"limit": PAGE, **query}, self.client.get):
            for item in page.items:
                yield _live(version, kind, item, path)

    def _metadata(self, path: str, query: dict[str, str]) -> list[LiveMetadata]:
        form = METADATA.format("PartialObjectMetadataList")
        pages = pages_of(MetadataPage, path, {"limit": PAGE, **query}, lambda at, asked: self.client.get(at, asked, accept=form))
        return [item.metadata for page in pages for item in page.items or ()]

    def _get(self, path: str) -> Any:
        try:
            return self.client.get(path)
        except RefusedRequestError as error:
            if error.status == _GONE:
                raise _NotThereError from None
            raise


class _NotThereError(Exception):
    """The object does not exist."""


def _live(version: str, kind: str, item: Any, path: str) -> LiveObject:
    if not isinstance(item, Mapping):
        raise MalformedAnswerError(f"{path}: is not an object")
    return LiveObject(api_version=version, kind=kind, metadata=fitting(MetadataAnswer, item, path).metadata, body=item)


def _definition(found: LiveMetadata) -> LiveObject:
    return LiveObject(api_version="apiextensions.k8s.io/v1", kind="CustomResourceDefinition", metadata=found, body={})


def _named_secrets(objects: Iterable[LiveObject]) -> Iterator[str]:
    for each in objects:
        spec = each.body.get("spec")
        if isinstance(spec, Mapping) and each.metadata.namespace == FLUX_NAMESPACE:
            yield from secret_names(spec).values()


def secret_names(spec: Mapping[str, Any]) -> dict[str, str]:
    """Field of a source's spec → the Secret that it names; for `verify.secretRef`, `verify`."""
    verify = spec.get("verify")
    named = {part: spec.get(part) for part in _SECRET_FIELDS}
    named["verify"] = verify.get("secretRef") if isinstance(verify, Mapping) else None
    names = {part: each.get("name") for part, each in named.items() if isinstance(each, Mapping)}
    return {part: name for part, name in names.items() if isinstance(name, str) and name}


@contextmanager
def _told(target: Target, said_on_login: str) -> Iterator[None]:
    errors = ClientErrors(target, said_on_login)

    def may_not(said: str) -> LiveError:
        told = Message(
            f"refuses: {said}",
            "What runs in the cluster, and who owns it, is unknown.",
            f"Use a role that may read Flux, its CRDs and the Secrets of {FLUX_NAMESPACE}. Run: "
            f"{target.kubectl(f'auth can-i --list -n {FLUX_NAMESPACE}')}",
        )
        return LiveError(errors.where, told)

    with errors.told(may_not):
        yield
