"""The stand-in as it is configured for one cluster: settings, connection, and whether the API server answers."""

import base64
import json
from collections.abc import Awaitable, Callable
from typing import Any

from pulumi.runtime.proto import provider_pb2 as proto

from devcluster.providers.engine_log import INFO, Engine
from devcluster.providers.kubernetes import objects, provider_settings
from devcluster.providers.kubernetes.api_client import Api, ApiError, ApiUnreachableError
from devcluster.providers.kubernetes.kubeconfig_target import target
from devcluster.providers.kubernetes.operations import Operations
from devcluster.providers.kubernetes.provider_settings import ProviderSettings
from devcluster.providers.kubernetes.served_kinds import Kinds
from devcluster.providers.kubernetes.waiter import Waiter
from devcluster.providers.property_values import from_struct, plain, secret_texts
from devcluster.providers.serving import Provider, ProviderError
from live.errors import KubeconfigError

PROBE_SECONDS = 10.0
SHORTEST_REDACTED = 4
MakeApi = Callable[[ProviderSettings], Api]


def connect(chosen: ProviderSettings) -> Api:
    """The API server of the kubeconfig. Raises KubeconfigError."""
    found = target(chosen.kubeconfig, context=chosen.context, cluster=chosen.cluster, namespace=chosen.namespace)
    return Api(found, qps=chosen.qps, burst=chosen.burst, timeout=chosen.timeout)


class ConfiguredProvider(Provider):
    """Answers for one configured cluster."""

    def __init__(self, engine: Engine, version: str, make_api: MakeApi = connect) -> None:
        super().__init__(engine)
        self.version = version
        self._make_api = make_api
        self._settings = ProviderSettings()
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

    async def check_config(self, request: Any) -> Any:
        """Refuse settings that the stand-in cannot honour."""
        found = [proto.CheckFailure(property=name, reason=reason) for name, reason in provider_settings.failures(from_struct(request.news))]
        return proto.CheckResponse(inputs=request.news, failures=found)

    async def diff_config(self, request: Any) -> Any:
        """Distinguish another cluster, which replaces everything, from another way to reach the same one."""
        old = from_struct(request.old_inputs) or from_struct(request.olds)
        found = provider_settings.change(old, from_struct(request.news))
        changes = proto.DiffResponse.DIFF_SOME if found.changed else proto.DiffResponse.DIFF_NONE
        return proto.DiffResponse(changes=changes, diffs=found.changed, replaces=found.replacing)

    async def configure(self, request: Any) -> Any:
        """Connect. An API server that does not answer is no error yet: a preview works without."""
        arguments = from_struct(request.args) or {key.rpartition(":")[2]: value for key, value in request.variables.items()}
        self._settings = provider_settings.read(arguments)
        self._unreachable = ""
        try:
            found = target(self._settings.kubeconfig, context=self._settings.context, namespace=self._settings.namespace)
            self._namespace = found.namespace
            api = self._make_api(self._settings)
            await api.request("GET", "/version", seconds=PROBE_SECONDS)
        except (KubeconfigError, ApiUnreachableError) as error:
            self._unreachable = str(error)
        except ApiError as error:
            self._unreachable = f"it answers, but refuses: {error}"
        if not self._unreachable:
            self._waiter = Waiter(api)
            self._kinds = Kinds(api)
            self._operations = Operations(api, self._kinds, self._waiter, self._settings)
        return proto.ConfigureResponse(acceptSecrets=True, supportsPreview=True)

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
        shown = ""

        async def report(message: str) -> None:
            nonlocal shown
            if message != shown:
                shown = message
                await self.engine.log(INFO, message, urn, passing=True)

        return report
