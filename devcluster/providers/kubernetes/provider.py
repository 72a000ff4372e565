"""The Kubernetes stand-in: the engine's calls, answered as `pulumi-resource-kubernetes` would."""

import base64
import json
import secrets
from collections.abc import Awaitable, Callable
from hashlib import sha256
from typing import Any

from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2 as proto

from devcluster.providers.engine import INFO, Engine
from devcluster.providers.kubernetes import diff as diffing
from devcluster.providers.kubernetes import objects, settings
from devcluster.providers.kubernetes.api import Api, ApiError, UnreachableError
from devcluster.providers.kubernetes.kinds import Kind, Kinds, NoSuchKindError, assumed_namespaced, kind_of_type
from devcluster.providers.kubernetes.kubeconfig import KubeconfigError, target
from devcluster.providers.kubernetes.objects import Object
from devcluster.providers.kubernetes.operations import Operations, Written
from devcluster.providers.kubernetes.readiness import check_for
from devcluster.providers.kubernetes.settings import Settings
from devcluster.providers.kubernetes.waiting import CancelledWaitError, Waiter, WaitTimeoutError
from devcluster.providers.serving import NotInitializedError, Provider, ProviderError
from devcluster.providers.values import from_struct, has_unknown, plain, secret_texts, to_struct

PROBE_SECONDS = 10.0
SHORTEST_REDACTED = 4
UNSUPPORTED_MODULES = ("helm.sh", "yaml", "kustomize")
_KINDS_OF_CHANGE = {
    (diffing.ADD, False): proto.PropertyDiff.ADD,
    (diffing.ADD, True): proto.PropertyDiff.ADD_REPLACE,
    (diffing.DELETE, False): proto.PropertyDiff.DELETE,
    (diffing.DELETE, True): proto.PropertyDiff.DELETE_REPLACE,
    (diffing.UPDATE, False): proto.PropertyDiff.UPDATE,
    (diffing.UPDATE, True): proto.PropertyDiff.UPDATE_REPLACE,
}
MakeApi = Callable[[Settings], Api]


def connect(chosen: Settings) -> Api:
    """The API server of the kubeconfig. Raises KubeconfigError."""
    found = target(chosen.kubeconfig, context=chosen.context, cluster=chosen.cluster, namespace=chosen.namespace)
    return Api(found, qps=chosen.qps, burst=chosen.burst, timeout=chosen.timeout)


class KubernetesProvider(Provider):
    """Answers for one configured cluster."""

    def __init__(self, engine: Engine, version: str, make_api: MakeApi = connect) -> None:
        super().__init__(engine)
        self.version = version
        self._make_api = make_api
        self._settings = Settings()
        self._namespace = "default"
        self._unreachable = "the provider is not configured"
        self._waiter: Waiter | None = None
        self._kinds: Kinds | None = None
        self._operations: Operations | None = None

    def cancel(self) -> None:
        """End every wait."""
        if self._waiter:
            self._waiter.cancel()

    def redacted(self, message: str, request: Any) -> str:
        """`message` without any text that is secret in the request's properties, plain or base64."""
        hidden: set[str] = set()
        for name in ("properties", "news", "olds", "old_inputs", "inputs"):
            if name in request.DESCRIPTOR.fields_by_name:
                properties = from_struct(getattr(request, name))
                hidden.update(secret_texts(objects.with_secrets_of(properties, {})))
                hidden.update(objects.decoded_data(plain(properties)) if plain(properties.get("kind")) == "Secret" else ())
        for text in sorted(hidden, key=len, reverse=True):
            for shown in (text, base64.b64encode(text.encode()).decode(), json.dumps(text)[1:-1]):
                if len(text) >= SHORTEST_REDACTED:
                    message = message.replace(shown, "[secret]")
        return message

    # The provider itself

    async def check_config(self, request: Any) -> Any:
        """Refuse settings that the stand-in cannot honour."""
        found = [proto.CheckFailure(property=name, reason=reason) for name, reason in settings.failures(from_struct(request.news))]
        return proto.CheckResponse(inputs=request.news, failures=found)

    async def diff_config(self, request: Any) -> Any:
        """Tell another cluster, which replaces everything, from another way to reach the same one."""
        old = from_struct(request.old_inputs) or from_struct(request.olds)
        found = settings.change(old, from_struct(request.news))
        changes = proto.DiffResponse.DIFF_SOME if found.changed else proto.DiffResponse.DIFF_NONE
        return proto.DiffResponse(changes=changes, diffs=found.changed, replaces=found.replacing)

    async def configure(self, request: Any) -> Any:
        """Connect. An API server that does not answer is no error yet: a preview works without."""
        arguments = from_struct(request.args) or {key.rpartition(":")[2]: value for key, value in request.variables.items()}
        self._settings = settings.read(arguments)
        self._unreachable = ""
        try:
            found = target(self._settings.kubeconfig, context=self._settings.context, namespace=self._settings.namespace)
            self._namespace = found.namespace
            api = self._make_api(self._settings)
            await api.request("GET", "/version", seconds=PROBE_SECONDS)
        except (KubeconfigError, UnreachableError) as error:
            self._unreachable = str(error)
        except ApiError as error:
            self._unreachable = f"it answers, but refuses: {error}"
        if not self._unreachable:
            self._waiter = Waiter(api)
            self._kinds = Kinds(api)
            self._operations = Operations(api, self._kinds, self._waiter, self._settings)
        return proto.ConfigureResponse(acceptSecrets=True, supportsPreview=True)

    # Resources

    async def check(self, request: Any) -> Any:
        """Fill in apiVersion, kind, a name and the default namespace."""
        kind = _kind_of_request(request)
        if self._unreachable and self._settings.skip_update_unreachable and request.olds.fields:
            await self.engine.warn_once(f"the cluster is unreachable, and updates are skipped as asked for: {self._unreachable}")
            return proto.CheckResponse(inputs=request.olds)
        news, olds = from_struct(request.news), from_struct(request.olds)
        news = {**news, "apiVersion": news.get("apiVersion") or kind.api_version, "kind": news.get("kind") or kind.name}
        if not has_unknown(news.get("metadata")):
            news["metadata"] = self._named(plain(news.get("metadata")) or {}, plain(olds), request)
            if not news["metadata"].get("namespace") and await self._is_namespaced(kind):
                news["metadata"]["namespace"] = self._namespace
        try:
            if not has_unknown(news):
                check_for(objects.desired(news))
        except ValueError as error:
            return proto.CheckResponse(inputs=request.news, failures=[proto.CheckFailure(property="metadata", reason=str(error))])
        return proto.CheckResponse(inputs=to_struct(objects.with_secrets_of(news, from_struct(request.news))))

    def _named(self, metadata: Object, olds: Object, request: Any) -> Object:
        if metadata.get("name") or metadata.get("generateName"):
            return metadata
        autonamed = objects.annotation(olds, objects.AUTONAMED) == "true"
        logical_name = request.urn.rpartition("::")[2]
        name = objects.name_of(olds) if autonamed else f"{logical_name}-{_random_suffix(request.randomSeed)}"
        return {**metadata, "name": name, "annotations": {**(metadata.get("annotations") or {}), objects.AUTONAMED: "true"}}

    async def _is_namespaced(self, kind: Kind) -> bool:
        if kind.built_in or self._kinds is None:
            return assumed_namespaced(kind)
        try:
            return (await self._kinds.mapping(kind)).namespaced
        except (NoSuchKindError, ApiError, UnreachableError):
            return True

    async def diff(self, request: Any) -> Any:
        """Compare the state with the new inputs; no cluster needed."""
        found = diffing.diff(from_struct(request.olds), from_struct(request.old_inputs), from_struct(request.news), self._settings)
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
        manager = _manager(inputs, {})
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
            if request.preview and (error.reason in ("Forbidden", "AlreadyExists") or error.namespace_missing or _no_dry_run(error)):
                return proto.CreateResponse(properties=request.properties)
            raise ProviderError(
                f"resource {objects.id_of(obj)} was not successfully created by the Kubernetes API server: {error}"
            ) from None
        except (UnreachableError, CancelledWaitError) as error:
            raise ProviderError(f"resource {objects.id_of(obj)} was not created: {error}") from None
        if request.preview:
            return proto.CreateResponse(properties=to_struct(_previewed(written, inputs, manager)))
        written = await self._awaited(obj, written, inputs, manager, request, "was successfully created, but")
        return proto.CreateResponse(id=objects.id_of(written.live), properties=to_struct(_outputs(written, inputs, manager)))

    async def update(self, request: Any) -> Any:
        """Apply the new inputs, and wait until ready."""
        inputs = from_struct(request.news)
        if request.preview and (self._operations is None or has_unknown(inputs)):
            await self._warn_about_unreachable()
            return proto.UpdateResponse(properties=request.news)
        operations, obj = self._reached(), objects.desired(inputs)
        manager = _manager(inputs, from_struct(request.olds))
        _, name = objects.parse_id(request.id)
        try:
            written = await operations.update(obj, name, manager, dry_run=request.preview)
        except (ApiError, NoSuchKindError) as error:
            if request.preview and (isinstance(error, NoSuchKindError) or error.reason == "Forbidden" or _no_dry_run(error)):
                return proto.UpdateResponse(properties=request.news)
            hint = "; if it was deleted behind the stack's back: pulumi refresh" if getattr(error, "code", 0) == 404 else ""
            raise ProviderError(f"update of resource {request.id} failed because of the Kubernetes API server: {error}{hint}") from None
        except UnreachableError as error:
            raise ProviderError(f"resource {request.id} was not updated: {error}") from None
        if request.preview:
            return proto.UpdateResponse(properties=to_struct(_previewed(written, inputs, manager)))
        written = await self._awaited(obj, written, inputs, manager, request, "was updated, but")
        return proto.UpdateResponse(properties=to_struct(_outputs(written, inputs, manager)))

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
        kind = objects.kind_of(plain(old_inputs)) if old_inputs.get("kind") else _kind_of_request(request)
        try:
            live = await self._operations.read(kind, *objects.parse_id(request.id))
        except (ApiError, UnreachableError) as error:
            raise ProviderError(f"failed to read {request.id}: {error}") from None
        if live is None:
            return proto.ReadResponse()
        inputs = diffing.inputs_of_live(live, old_inputs)
        outputs = objects.checkpoint(
            live, inputs, field_manager=_manager(old_inputs, old_outputs), initial_version=_initial_version(old_outputs, kind)
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
        except (ApiError, UnreachableError, CancelledWaitError, NoSuchKindError) as error:
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
                _outputs(written, inputs, manager),
                [f"resource {objects.id_of(obj)} {happened} did not become ready: {'; '.join(reasons)}", *reasons],
            ) from None

    def _reached(self) -> Operations:
        if self._operations is None:
            raise ProviderError(f"configured Kubernetes cluster is unreachable: {self._unreachable}")
        return self._operations

    async def _warn_about_unreachable(self) -> None:
        if self._operations is None:
            await self.engine.warn_once(
                f"the Kubernetes cluster is unreachable, so this preview shows what the program asks for, unchecked: {self._unreachable}"
            )

    def _reporter(self, urn: str) -> Callable[[str], Awaitable[None]]:
        async def report(message: str) -> None:
            await self.engine.log(INFO, message, urn, passing=True)

        return report


def _kind_of_request(request: Any) -> Kind:
    type_token = request.urn.split("::")[2].rpartition("$")[2]
    module = type_token.split(":")[1]
    if module.split("/")[0] in UNSUPPORTED_MODULES or (type_token.endswith(("Patch", "List")) and "/" in module):
        raise ProviderError(
            f"the stand-in Kubernetes provider has no {type_token}; it knows objects only. "
            "On a machine with internet access: pulumi plugin install resource kubernetes"
        )
    return kind_of_type(type_token)


def _random_suffix(seed: bytes) -> str:
    return (sha256(seed).hexdigest() if seed else secrets.token_hex(4))[:8]


def _manager(inputs: Object, state: Object) -> str:
    if chosen := objects.annotation(plain(inputs), objects.PATCH_FIELD_MANAGER):
        return chosen
    return str(state.get(objects.FIELD_MANAGER_KEY) or f"pulumi-kubernetes-{secrets.token_hex(4)}")


def _initial_version(state: Object, kind: Kind) -> str:
    return str(state.get(objects.INITIAL_VERSION_KEY) or kind.api_version)


def _outputs(written: Written, inputs: Object, manager: str) -> Object:
    return objects.checkpoint(written.live, inputs, field_manager=manager, initial_version=objects.kind_of(written.live).api_version)


def _previewed(written: Written, inputs: Object, manager: str) -> Object:
    # A program that reads status, or an identity of a dry run, would take it for real.
    live = {key: value for key, value in written.live.items() if key != "status"}
    live["metadata"] = {key: value for key, value in live["metadata"].items() if key not in objects.SERVER_SET_METADATA}
    return _outputs(Written(live, written.mapping), inputs, manager)


def _no_dry_run(error: ApiError) -> bool:
    return error.code == 400 and "dry run" in str(error)
