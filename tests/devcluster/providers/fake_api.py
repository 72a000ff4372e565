"""A few lines that answer like an API server, for tests of what the provider makes of its answers."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from typing import Any

import httpx

from devcluster.providers.engine_log import Engine
from devcluster.providers.kubernetes.api_client import Api
from devcluster.providers.kubernetes.kubeconfig_target import KubeconfigTarget
from devcluster.providers.kubernetes.provider import KubernetesProvider
from devcluster.providers.kubernetes.provider_settings import ProviderSettings
from devcluster.providers.property_values import to_struct
from live.access.kubeconfig import KubeconfigCluster, User

CONFIG_MAP = "kubernetes:core/v1:ConfigMap"
Answer = tuple[int, dict[str, Any]]
KINDS = {
    "/api/v1": [("configmaps", "ConfigMap", True), ("secrets", "Secret", True), ("namespaces", "Namespace", False)],
    "/apis/example.com/v1": [("things", "Thing", False)],
}
KUBECONFIG = """
current-context: here
contexts: [{name: here, context: {cluster: one, user: me, namespace: from-context}}]
clusters: [{name: one, cluster: {server: "http://api.test"}}, {name: two, cluster: {server: "http://other.test"}}]
users: [{name: me, user: {token: token-of-the-test}}]
"""

MAP = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "map", "namespace": "there"}, "data": {"key": "one"}}
THING = {"apiVersion": "example.com/v1", "kind": "Thing", "metadata": {"name": "thing"}, "spec": {"size": 3, "ratio": 1.5}}


class SilentEngine(Engine):
    """Keeps what was said."""

    def __init__(self) -> None:
        super().__init__("")
        self.messages: list[str] = []

    async def log(self, severity: Any, message: str, urn: str = "", *, passing: bool = False) -> None:
        self.messages.append(message)


class FakeApi:
    """Answers reads of the kinds above; everything else comes from `answer`, and every request is kept."""

    def __init__(self, answer: Callable[[httpx.Request], Answer]) -> None:
        self._answer = answer
        self.requests: list[httpx.Request] = []

        self.discoveries: list[str] = []
        self.respond: Callable[[httpx.Request], httpx.Response] = self._respond

    def _respond(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if path == "/version":
            return httpx.Response(200, json={"major": "1"})
        if path in KINDS:
            resources = [{"name": plural, "kind": kind, "namespaced": namespaced} for plural, kind, namespaced in KINDS[path]]
            return httpx.Response(200, json={"resources": resources})
        if request.method == "GET" and path.startswith("/apis/") and path.count("/") == 3:
            self.discoveries.append(path)
            return httpx.Response(404, text="404 page not found")
        self.requests.append(request)
        code, body = self._answer(request)
        return httpx.Response(code, json=body)

    def connect(self, settings: ProviderSettings) -> Api:
        target = KubeconfigTarget(
            server="http://api.test", namespace="default", cluster=KubeconfigCluster(name="c", fields={}), user=User(name="u", fields={})
        )
        transport = httpx.MockTransport(lambda request: self.respond(request))
        return Api(target, qps=settings.qps, burst=settings.burst, timeout=settings.timeout, transport=transport)


def refusal(code: int, reason: str, message: str, kind: str = "") -> Answer:
    return code, {"kind": "Status", "code": code, "reason": reason, "message": message, "details": {"kind": kind}}


def accepts(request: httpx.Request) -> Answer:
    """The object that was sent, with what a server adds."""
    sent = json.loads(request.content)
    sent["metadata"] |= {"uid": "uid-1", "resourceVersion": "1"}
    return 201, sent


class Request:
    """A protobuf request in as far as the provider reads one."""

    class _Descriptor:
        def __init__(self, names: list[str]) -> None:
            self.fields_by_name = dict.fromkeys(names)

    def __init__(self, token: str = CONFIG_MAP, name: str = "map", **fields: Any) -> None:
        self.urn = f"urn:pulumi:dev::small::{token}::{name}"
        self.id = fields.pop("id", "")
        self.preview = fields.pop("preview", False)
        self.timeout = fields.pop("timeout", 0.0)
        self.randomSeed = fields.pop("seed", b"seed")
        self.ignoreChanges = fields.pop("ignore", [])
        for field in ("properties", "news", "olds", "old_inputs", "inputs"):
            setattr(self, field, to_struct(fields.pop(field, {})))
        self.DESCRIPTOR = self._Descriptor(["properties", "news", "olds", "old_inputs", "inputs"])
        assert not fields, fields


class Configuration:
    def __init__(self, **arguments: Any) -> None:
        self.args = to_struct({"kubeconfig": KUBECONFIG, **arguments})
        self.variables: dict[str, str] = {}


async def provider(
    answer: Callable[[httpx.Request], Answer] = accepts, **arguments: Any
) -> tuple[KubernetesProvider, FakeApi, SilentEngine]:
    engine, api = SilentEngine(), FakeApi(answer)
    made = KubernetesProvider(engine, "1.2.3", api.connect)
    await made.configure(Configuration(**arguments))
    return made, api, engine


def run(work: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(work)


def refusing(*answers: Answer) -> Callable[[httpx.Request], Answer]:
    left = list(answers)
    return lambda request: left.pop(0) if left else accepts(request)
