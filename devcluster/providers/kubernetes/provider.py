"""The Kubernetes stand-in: the engine's calls, answered as `pulumi-resource-kubernetes` would."""

from typing import Any

from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2 as proto

from devcluster.providers.kubernetes import diff as diffing
from devcluster.providers.kubernetes import objects
from devcluster.providers.kubernetes.api_client import ApiError, ApiUnreachableError
from devcluster.providers.kubernetes.configured_provider import ConfiguredProvider
from devcluster.providers.kubernetes.engine_answers import (
    initial_version_of,
    kind_of_request,
    manager_of,
    name_suffix,
    no_dry_run,
    outputs_of,
    preview_of,
)
from devcluster.providers.kubernetes.objects import Object
from devcluster.providers.kubernetes.operations import Written
from devcluster.providers.kubernetes.readiness import check_for
from devcluster.providers.kubernetes.served_kinds import GroupVersionKind, NoSuchKindError, assumed_namespaced
from devcluster.providers.kubernetes.waiter import CancelledWaitError, WaitTimeoutError
from devcluster.providers.property_values import UNKNOWN, from_struct, has_unknown, plain, to_struct
from devcluster.providers.serving import NotInitializedError, ProviderError

_KINDS_OF_CHANGE = {
    (diffing.ADD, False): proto.PropertyDiff.ADD,
    (diffing.ADD, True): proto.PropertyDiff.ADD_REPLACE,
    (diffing.DELETE, False): proto.PropertyDiff.DELETE,
    (diffing.DELETE, True): proto.PropertyDiff.DELETE_REPLACE,
    (diffing.UPDATE, False): proto.PropertyDiff.UPDATE,
    (diffing.UPDATE, True): proto.PropertyDiff.UPDATE_REPLACE,
}


class KubernetesProvider(ConfiguredProvider):
    """What the engine asks about resources."""

    async def check(self, request: Any) -> Any:
        """Fill in apiVersion, kind, a name and the default namespace."""
        kind = kind_of_request(request)
        if self._unreachable and self._settings.skip_update_unreachable and request.olds.fields:
            await self.engine.warn_once(f"the cluster is unreachable, and updates are skipped as asked for: {self._unreachable}")
            return proto.CheckResponse(inputs=request.olds)
        given = from_struct(request.news)
        news = {**given, "apiVersion": given.get("apiVersion") or kind.api_version, "kind": given.get("kind") or kind.name}
        metadata = plain(news.get("metadata", {}))
        if metadata is not UNKNOWN:
            news["metadata"] = self._named(metadata, request)
            if not news["metadata"].get("namespace") and await self._is_namespaced(kind):
                news["metadata"]["namespace"] = self._namespace
        try:
            if not has_unknown(news):
                check_for(objects.desired(news))
        except ValueError as error:
            return proto.CheckResponse(inputs=request.news, failures=[proto.CheckFailure(property="metadata", reason=str(error))])
        return proto.CheckResponse(inputs=to_struct(objects.with_secrets_of(news, given)))

    def _named(self, metadata: Object, request: Any) -> Object:
        if metadata.get("name") or metadata.get("generateName"):
            return metadata
        olds = plain(from_struct(request.olds))
        autonamed = objects.annotation(olds, objects.AUTONAMED) == "true"
        logical_name = request.urn.rpartition("::")[2]
        name = objects.name_of(olds) if autonamed else f"{logical_name}-{name_suffix(request.randomSeed)}"
        return {**metadata, "name": name, "annotations": {**metadata.get("annotations", {}), objects.AUTONAMED: "true"}}

    async def _is_namespaced(self, kind: GroupVersionKind) -> bool:
        if kind.built_in or self._kinds is None:
            return assumed_namespaced(kind)
        try:
            return (await self._kinds.mapping(kind)).namespaced
        except (NoSuchKindError, ApiError, ApiUnreachableError):
            return True

    async def diff(self, request: Any) -> Any:
        """Compare the state with the new inputs; no cluster needed."""
        old_inputs = from_struct(request.old_inputs)
        news = old_inputs if request.news == request.old_inputs else from_struct(request.news)
        found = diffing.diff(from_struct(request.olds), old_inputs, news, self._settings)
        found = diffing.without_ignored(found, list(request.ignoreChanges))
        return proto.DiffResponse(
            changes=proto.DiffResponse.DIFF_SOME if found.fields else proto.DiffResponse.DIFF_NONE,
            replaces=found.replacing,
            deleteBeforeReplace=found.delete_before_replace,
            diffs=sorted({path.partition(".")[0].partition("[")[0] for path in found.fields}),
            detailedDiff={
                path: proto.PropertyDiff(kind=_KINDS_OF_CHANGE[one.change, one.replaces], inputDiff=one.change == diffing.DELETE)
                for path, one in found.fields.items()
            },
            hasDetailedDiff=True,
        )

    async def create(self, request: Any) -> Any:
        """Create, and wait until ready. A preview is a dry run on the server, as far as that is possible."""
        inputs = from_struct(request.properties)
        if request.preview and (self._operations is None or has_unknown(inputs)):
            await self._warn_about_unreachable()
            return proto.CreateResponse(properties=request.properties)
        operations, obj = self._reached(), objects.desired(inputs)
        manager = manager_of(inputs, {})
        try:
            written = await operations.create(obj, manager, dry_run=request.preview, report=self._reporter(request.urn))
        except NoSuchKindError as error:
            if request.preview:
                return proto.CreateResponse(properties=request.properties)
            raise ProviderError(
                f"creation of resource {objects.id_of(obj)} failed because the Kubernetes API server reported that the apiVersion "
                f"for this resource does not exist. Verify that any required CRDs have been created: {error}"
            ) from None
        except ApiError as error:
            if request.preview and (error.reason in ("Forbidden", "AlreadyExists") or error.namespace_missing or no_dry_run(error)):
                return proto.CreateResponse(properties=request.properties)
            raise ProviderError(
                f"resource {objects.id_of(obj)} was not successfully created by the Kubernetes API server: {error}"
            ) from None
        except (ApiUnreachableError, CancelledWaitError) as error:
            raise ProviderError(f"resource {objects.id_of(obj)} was not created: {error}") from None
        if request.preview:
            return proto.CreateResponse(properties=to_struct(preview_of(written, inputs, manager)))
        written = await self._awaited(obj, written, inputs, manager, request, "was successfully created, but")
        return proto.CreateResponse(id=objects.id_of(written.live), properties=to_struct(outputs_of(written, inputs, manager)))

    async def update(self, request: Any) -> Any:
        """Apply the new inputs, and wait until ready."""
        inputs = from_struct(request.news)
        if request.preview and (self._operations is None or has_unknown(inputs)):
            await self._warn_about_unreachable()
            return proto.UpdateResponse(properties=request.news)
        operations, obj = self._reached(), objects.desired(inputs)
        state = from_struct(request.olds)
        manager, former = manager_of(inputs, state), manager_of(from_struct(request.old_inputs), state)
        _, name = objects.parse_id(request.id)
        try:
            written = await operations.update(obj, name, manager, dry_run=request.preview)
        except (ApiError, NoSuchKindError) as error:
            if request.preview and (isinstance(error, NoSuchKindError) or error.reason == "Forbidden" or no_dry_run(error)):
                return proto.UpdateResponse(properties=request.news)
            hint = "; if it was deleted behind the stack's back: pulumi refresh" if getattr(error, "code", 0) == 404 else ""
            raise ProviderError(f"update of resource {request.id} failed because of the Kubernetes API server: {error}{hint}") from None
        except ApiUnreachableError as error:
            raise ProviderError(f"resource {request.id} was not updated: {error}") from None
        if request.preview:
            return proto.UpdateResponse(properties=to_struct(preview_of(written, inputs, manager)))
        written = await self._awaited(obj, written, inputs, manager, request, "was updated, but")
        if former != manager:
            try:
                await operations.relinquish(written, former)
            except (ApiError, NoSuchKindError, ApiUnreachableError) as error:
                raise ProviderError(f"{request.id} was updated, but field manager {former} could not be released: {error}") from None
        return proto.UpdateResponse(properties=to_struct(outputs_of(written, inputs, manager)))

    async def read(self, request: Any) -> Any:
        """The live state, for a refresh or an import."""
        if self._operations is None:
            if self._settings.delete_unreachable:
                return proto.ReadResponse()
            if self._settings.skip_update_unreachable:
                return proto.ReadResponse(id=request.id, properties=request.properties, inputs=request.inputs)
            raise ProviderError(
                f"failed to read {request.id} because its cluster is unreachable: {self._unreachable}. If the cluster is gone for good, "
                "take its resources out of the state: PULUMI_K8S_DELETE_UNREACHABLE=true pulumi refresh"
            )
        old_inputs, old_outputs = from_struct(request.inputs), from_struct(request.properties)
        kind = objects.kind_of(plain(old_inputs)) if old_inputs.get("kind") else kind_of_request(request)
        try:
            live = await self._operations.read(kind, *objects.parse_id(request.id))
        except (ApiError, ApiUnreachableError) as error:
            raise ProviderError(f"failed to read {request.id}: {error}") from None
        if live is None:
            return proto.ReadResponse()
        inputs = diffing.inputs_of_live(live, old_inputs)
        outputs = objects.checkpoint(
            live, inputs, field_manager=manager_of(old_inputs, old_outputs), initial_version=initial_version_of(old_outputs, kind)
        )
        return proto.ReadResponse(id=request.id, properties=to_struct(outputs), inputs=to_struct(inputs))

    async def delete(self, request: Any) -> Any:
        """Delete, and wait until gone."""
        if self._operations is None:
            if self._settings.delete_unreachable:
                return empty_pb2.Empty()
            raise ProviderError(
                f"{request.id} was not deleted because its cluster is unreachable: {self._unreachable}. If the cluster is gone for good, "
                "take its resources out of the state: PULUMI_K8S_DELETE_UNREACHABLE=true pulumi destroy"
            )
        state = plain(from_struct(request.properties))
        namespace, name = objects.parse_id(request.id)
        try:
            report = self._reporter(request.urn)
            await self._operations.delete(state, namespace, name, request.timeout, report)
            await report("")
        except WaitTimeoutError as error:
            raise ProviderError(f"{objects.kind_of(state)} {request.id} was not deleted: {error}") from None
        except (ApiError, ApiUnreachableError, CancelledWaitError, NoSuchKindError) as error:
            raise ProviderError(f"{objects.kind_of(state)} {request.id} was not deleted: {error}") from None
        return empty_pb2.Empty()

    async def _awaited(self, obj: Object, written: Written, inputs: Object, manager: str, request: Any, happened: str) -> Written:
        operations = self._reached()
        try:
            report = self._reporter(request.urn)
            written = await operations.await_ready(obj, written, request.timeout, report)
            await report("")
            return written
        except (WaitTimeoutError, CancelledWaitError) as error:
            written = await operations.live(written)
            reasons = list(error.reasons) if isinstance(error, WaitTimeoutError) else [str(error)]
            raise NotInitializedError(
                objects.id_of(written.live),
                outputs_of(written, inputs, manager),
                [f"resource {objects.id_of(obj)} {happened} did not become ready: {'; '.join(reasons)}", *reasons],
            ) from None
