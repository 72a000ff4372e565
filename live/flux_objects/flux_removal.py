"""The Flux objects of a cluster as their removal sees them, and what can be done with one: delete it, release it, keep what it applied."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

from pydantic import ConfigDict, Field
from pydantic.alias_generators import to_camel

from flux.kinds import api_group
from flux.object_reference import FLUX_NAMESPACE, ObjectReference
from flux.owners_mark import FIELD_MANAGER, TAKEN_ANNOTATION, OwnersMark
from flux.watching import Watcher, reconciler_among
from live.client.answer_model import AnswerModel, ListPage, fitting
from live.client.api_answers import ApiResource
from live.client.bounded_client import PAGE, RefusedRequestError
from live.client.cluster_connection import ClusterConnection
from live.client.list_pages import pages_of
from live.flux_objects.flux_resources import flux_resources
from live.ownership.wanted_objects import WantedObject

_UNAUTHORIZED, _FORBIDDEN, _GONE, _CHANGED = 401, 403, 404, 409
_LEAVES = {
    **{f"kustomize.toolkit.fluxcd.io/{key}": value for key, value in (("prune", "disabled"), ("reconcile", "disabled"), ("ssa", "ignore"))},
    "helm.sh/resource-policy": "keep",
}
"""Labels or annotations of what kustomize-controller does not delete (`deleteObjects`), nor Helm. Their values in any case."""
_DEPLOYMENTS = f"/apis/apps/v1/namespaces/{FLUX_NAMESPACE}/deployments"


class _Answer(AnswerModel):
    model_config = ConfigDict(alias_generator=to_camel)


class _Metadata(_Answer):
    name: str
    namespace: str = ""
    uid: str = ""
    labels: dict[str, str] = Field(default_factory=dict)
    annotations: dict[str, str] = Field(default_factory=dict)
    finalizers: list[str] = Field(default_factory=list)
    deletion_timestamp: str | None = None


class _Spec(_Answer):
    prune: bool | None = None
    deletion_policy: str | None = None
    suspend: bool | None = None


class _Entry(_Answer):
    id: str


class _Inventory(_Answer):
    entries: list[_Entry] | None = None


class _Condition(_Answer):
    type: str
    message: str = ""


class _Status(_Answer):
    inventory: _Inventory | None = None
    conditions: list[_Condition] | None = None


class _Object(_Answer):
    metadata: _Metadata
    spec: _Spec = Field(default_factory=_Spec)
    status: _Status = Field(default_factory=_Status)


class _Objects(ListPage):
    items: list[_Object]


class _DeploymentStatus(_Answer):
    available_replicas: int = 0


class _Container(_Answer):
    args: list[str] = Field(default_factory=list)


class _Pod(_Answer):
    containers: list[_Container] = Field(default_factory=list)


class _Template(_Answer):
    spec: _Pod = Field(default_factory=_Pod)


class _DeploymentSpec(_Answer):
    template: _Template = Field(default_factory=_Template)


class _Deployment(_Answer):
    metadata: _Metadata
    spec: _DeploymentSpec = Field(default_factory=_DeploymentSpec)
    status: _DeploymentStatus = Field(default_factory=_DeploymentStatus)


class _Deployments(ListPage):
    items: list[_Deployment]


@dataclass(frozen=True, kw_only=True)
class RemovableObject:
    """A Flux object, as far as its removal depends on it."""

    place: WantedObject
    controller: str
    """The Deployment that reconciles it: that of its shard, where it has one. Empty for what is no object of Flux."""
    uid: str
    labels: Mapping[str, str]
    taken_over: bool
    """Whether somebody else had made it before the stack took it over."""
    finalizers: tuple[str, ...]
    deleted_since: str | None
    """When somebody deleted it; None for an object that was not deleted."""
    suspended: bool
    removes: bool
    """Whether Flux removes what it applied when it goes: a Kustomization by its policy."""
    waits: bool
    """Whether it is gone only when what it applied is gone."""
    applied: tuple[ObjectReference, ...]
    """What it applied, as its status lists it."""
    said: str
    """What its controller said last."""
    is_left: bool = False
    """Whether the Kustomization or HelmRelease that applied it leaves it in the cluster when that is deleted."""

    @property
    def reference(self) -> ObjectReference:
        """What it is called."""
        return self.place.reference

    @property
    def kind(self) -> str:
        """Its kind."""
        return self.place.reference.kind


class FluxRemoval(ClusterConnection):
    """A connection to one cluster. Every method raises LiveError where the server does not answer, or refuses."""

    def objects(self) -> list[RemovableObject]:
        """Every Flux object of the cluster; none where Flux is not installed."""
        with self._errors("list"):
            resources = flux_resources(self._client)
            watchers = [*self._watchers()] if resources else []
            return [each for version, resource in resources for each in self._list(version, resource, watchers)]

    def running_controllers(self) -> frozenset[str]:
        """The Deployments in Flux's namespace of which at least one pod is available."""
        with self._errors("list"):
            pages = pages_of(_Deployments, _DEPLOYMENTS, {"limit": PAGE}, self._client.get)
            return frozenset(each.metadata.name for page in pages for each in page.items if each.status.available_replicas > 0)

    def namespace_is_going(self) -> bool:
        """Whether somebody has deleted Flux's namespace: everything in it goes, whatever else stays."""
        path = f"/api/v1/namespaces/{FLUX_NAMESPACE}"
        with self._errors("get"):
            try:
                return fitting(_Object, self._client.get(path), path).metadata.deletion_timestamp is not None
            except RefusedRequestError as error:
                if error.status == _GONE:
                    return False
                raise

    def has_controllers_of(self, mark: OwnersMark) -> bool:
        """Whether Flux's namespace has a Deployment of this stack."""
        with self._errors("list"):
            pages = pages_of(_Deployments, _DEPLOYMENTS, {"limit": PAGE, "labelSelector": mark.selector}, self._client.get)
            return any(page.items for page in pages)

    def delete(self, found: RemovableObject) -> None:
        """Begin to delete it. One that is gone, or was recreated since, is left alone."""
        with self._errors("delete", found), _unless_changed():
            self._client.delete(found.place.path, found.uid)

    def may_remove(self, found: RemovableObject) -> None:
        """Ask by dry runs whether this role may delete and patch it; the one of those that it may not raises LiveError."""
        with self._errors("delete", found), _unless_something_else():
            self._client.delete(found.place.path, found.uid, dry_run=True)
        with self._errors("patch", found), _unless_something_else():
            query: dict[str, str | int] = {"fieldManager": FIELD_MANAGER, "dryRun": "All"}
            self._client.merge(found.place.path, {"metadata": {"uid": found.uid}}, query)

    def release(self, found: RemovableObject) -> None:
        """Take its finalizers from it: it goes at once, and no controller cleans up after it."""
        with self._errors("patch", found), _unless_changed():
            self._client.merge(found.place.path, {"metadata": {"uid": found.uid, "finalizers": None}}, {"fieldManager": FIELD_MANAGER})

    def keep_what_it_applied(self, found: RemovableObject) -> None:
        """Let it leave what it applied in the cluster when it goes: a Kustomization has a policy for it, a HelmRelease is suspended."""
        spec = {"deletionPolicy": "Orphan"} if found.kind == "Kustomization" else {"suspend": True}
        patch = {"metadata": {"uid": found.uid}, "spec": spec}
        with self._errors("patch", found), _unless_changed():
            self._client.merge(found.place.path, patch, {"fieldManager": FIELD_MANAGER})

    def _watchers(self) -> Iterator[Watcher]:
        for page in pages_of(_Deployments, _DEPLOYMENTS, {"limit": PAGE}, self._client.get):
            for each in page.items:
                arguments = [argument for container in each.spec.template.spec.containers for argument in container.args]
                yield Watcher.of(each.metadata.name, each.metadata.labels, arguments)

    def _list(self, api_version: str, resource: ApiResource, watchers: Sequence[Watcher]) -> Iterator[RemovableObject]:
        for page in pages_of(_Objects, f"/apis/{api_version}/{resource.name}", {"limit": PAGE}, self._client.get):
            for item in page.items:
                yield _removable(api_version, resource, item, watchers)

    def _errors(self, verb: str, found: RemovableObject | None = None) -> AbstractContextManager[None]:
        """`found`: the one object that is meant; else, all of Flux are."""
        what, resource, where = "Flux's objects", "kustomizations.kustomize.toolkit.fluxcd.io", " -A"
        if found is not None:
            what, namespace = found.place.plural, found.reference.namespace
            resource = ".".join(filter(None, (what, api_group(found.place.api_version))))
            where = f" -n {namespace}" if namespace else ""
        can = self._target.kubectl(f"auth can-i {verb} {resource}{where}")
        return self._reading("What belongs to the stack cannot be removed.", f"Use a role that may {verb} {what}. Run: {can}")


@contextmanager
def _unless_changed() -> Iterator[None]:
    try:
        yield
    except RefusedRequestError as error:
        if error.status not in (_GONE, _CHANGED):
            raise


@contextmanager
def _unless_something_else() -> Iterator[None]:
    """A dry run may be refused for itself: by an admission webhook that has side effects."""
    try:
        yield
    except RefusedRequestError as error:
        if error.status in (_UNAUTHORIZED, _FORBIDDEN):
            raise


def _removable(api_version: str, resource: ApiResource, item: _Object, watchers: Sequence[Watcher]) -> RemovableObject:
    metadata, spec = item.metadata, item.spec
    reference = ObjectReference(resource.kind, metadata.namespace, metadata.name)
    policy = spec.deletion_policy or "MirrorPrune"
    removes = policy in ("Delete", "WaitForTermination") or (policy == "MirrorPrune" and bool(spec.prune))
    is_applier = resource.kind in ("Kustomization", "HelmRelease")
    entries = item.status.inventory.entries if item.status.inventory else None
    ready = next((each.message for each in item.status.conditions or () if each.type == "Ready"), "")
    return RemovableObject(
        place=WantedObject(api_version, resource.name, reference),
        controller=reconciler_among(resource.kind, metadata.labels, watchers),
        uid=metadata.uid,
        labels=metadata.labels,
        taken_over=TAKEN_ANNOTATION in metadata.annotations,
        finalizers=tuple(metadata.finalizers),
        deleted_since=metadata.deletion_timestamp,
        suspended=bool(spec.suspend),
        # Flux removes nothing for a suspended object (kustomize-controller and helm-controller, `finalize`).
        removes=is_applier and not spec.suspend and (resource.kind == "HelmRelease" or removes),
        waits=policy == "WaitForTermination",
        applied=tuple(_references(entry.id for entry in entries or ())),
        said=ready,
        is_left=any(_LEAVES.get(key) == value.lower() for each in (metadata.labels, metadata.annotations) for key, value in each.items()),
    )


def _references(ids: Iterable[str]) -> Iterator[ObjectReference]:
    """`namespace_name_group_kind`, as Flux's inventory writes it; a colon of an RBAC name is written `__`."""
    for each in ids:
        namespace, _, rest = each.partition("_")
        rest, _, kind = rest.rpartition("_")
        name, _, _ = rest.rpartition("_")
        if name and kind:
            yield ObjectReference(kind, namespace, name.replace("__", ":"))
