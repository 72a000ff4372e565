"""The embedded cluster's own clients of the API server: what answers there is bounded for them, too."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest

from devcluster.control_plane import kube_client
from devcluster.control_plane.kube_client import Credentials, Kube
from devcluster.providers.kubernetes import api_client
from devcluster.providers.kubernetes.api_client import Api, ApiError, ApiUnreachableError
from devcluster.providers.kubernetes.kubeconfig_target import KubeconfigTarget
from flux.bounded_documents import Bounds
from tests.any_server import Answer, AnyServer, any_server
from tests.flux.test_bounded_documents import MIB

PATH = "/api/v1/pods"
ODD = {
    "brackets": b"[" * 100_000,
    "a page for logging in": b"<html>log in</html>",
    "a list": b"[]",
    "a number": b"7",
    "many small values": b'{"a": [' + b"[]," * 2_500_000 + b"[]]}",
    "bytes": b"\xff\xfe",
}
Ask = Callable[[], Any]


@pytest.fixture(name="server")
def _server() -> Iterator[AnyServer]:
    with any_server() as server:
        yield server


def of_the_provider(server: AnyServer, *, watch: bool = False) -> Ask:
    target = SimpleNamespace(server=f"http://{server.address}", bearer_token=lambda: None, tls=lambda: False)

    async def asked() -> Any:
        api = Api(cast("KubeconfigTarget", target), qps=0, burst=0, timeout=5)
        if not watch:
            return await api.request("GET", PATH)
        async with api.watch(PATH, {}, 5) as events:
            return [event async for event in events]

    return lambda: asyncio.run(cast("Awaitable[Any]", asked()))  # type: ignore[arg-type]


def of_the_cluster(server: AnyServer, monkeypatch: pytest.MonkeyPatch, *, watch: bool = False) -> Ask:
    client = httpx.Client(base_url=f"http://{server.address}", timeout=5)
    monkeypatch.setattr(Credentials, "client", lambda _: client)
    kube = Kube(Credentials(server="", authority=b"", certificate=b"", key=b""))
    return (lambda: list(kube.watch(PATH, "1", 5))) if watch else (lambda: kube.get(PATH))


@pytest.fixture(name="ask", params=["provider", "provider, watching", "cluster", "cluster, watching"])
def _ask(request: pytest.FixtureRequest, server: AnyServer, monkeypatch: pytest.MonkeyPatch) -> Ask:
    watch = request.param.endswith("watching")
    return of_the_provider(server, watch=watch) if "provider" in request.param else of_the_cluster(server, monkeypatch, watch=watch)


REFUSED = (ApiError, ApiUnreachableError, httpx.HTTPError)


@pytest.mark.parametrize("odd", ODD)
def test_an_api_server_answers_with_something_else(odd: str, ask: Ask, server: AnyServer) -> None:
    server.answer = lambda _: Answer(body=ODD[odd])
    with pytest.raises(REFUSED) as refused:
        ask()
    assert len(str(refused.value)) < 300


def test_an_api_server_answers_without_end(ask: Ask, server: AnyServer, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (api_client, kube_client):
        monkeypatch.setattr(module, "LARGEST_ANSWER", Bounds(size=2 * MIB))
    server.answer = lambda _: Answer(body=lambda: b"a" * 64 * 1024)
    with pytest.raises(REFUSED, match="larger than"):
        ask()
    assert server.sent < 16 * MIB


@pytest.mark.parametrize("of", ["provider", "cluster"])
def test_an_api_server_that_drips_is_left(of: str, server: AnyServer, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (api_client, kube_client):
        monkeypatch.setattr(module, "ANSWER_SECONDS", 0.3)
    monkeypatch.setattr(api_client, "max", lambda *_: 0.3, raising=False)

    def drip() -> bytes:
        import time

        time.sleep(0.05)
        return b" "

    server.answer = lambda _: Answer(body=drip)
    ask = of_the_provider(server) if of == "provider" else of_the_cluster(server, monkeypatch)
    with pytest.raises(REFUSED, match="takes longer than"):
        ask()


@pytest.mark.parametrize("later", ["NaN", "inf", "-1", "Fri, 27 Nov 2026 12:00:00 GMT", "9" * 5_000])
def test_an_api_server_that_is_busy_says_for_how_long_in_no_form(later: str, server: AnyServer) -> None:
    server.answer = lambda _: Answer(status=503, headers={"Retry-After": later})
    with pytest.raises(ApiError):
        of_the_provider(server)()
    assert len(server.requests) == 1


def test_an_api_server_redirects_to_another(server: AnyServer, monkeypatch: pytest.MonkeyPatch) -> None:
    with any_server(lambda _: Answer(body=b"{}")) as other:
        server.answer = lambda _: Answer(status=302, headers={"Location": f"http://{other.address}/"})
        for ask in (of_the_provider(server), of_the_cluster(server, monkeypatch)):
            with pytest.raises(REFUSED):
                ask()
        assert not other.requests


@pytest.mark.harmless
def test_what_fits_is_read(server: AnyServer, monkeypatch: pytest.MonkeyPatch) -> None:
    events = [{"type": "ADDED", "object": {"metadata": {"name": "a" * 100_000}}}, {"type": "DELETED", "object": {}}]
    server.answer = lambda _: Answer(body=b"\n".join(json.dumps(each).encode() for each in events) + b"\n\n")
    assert of_the_provider(server, watch=True)() == events
    assert of_the_cluster(server, monkeypatch, watch=True)() == events
    server.answer = lambda _: Answer(body=json.dumps(events[0]).encode())
    assert of_the_provider(server)() == events[0]
    assert of_the_cluster(server, monkeypatch)() == events[0]
