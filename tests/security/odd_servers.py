"""Servers that answer what a test says, and lists of what they should not."""

import json
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from gitops.forges.hosted_repository import repository_of
from gitops.status.collect import collect
from gitops.status.row import StatusRow
from tests.any_server import Answer, AnyServer, Request, any_server
from tests.gitops.api_server import FakeApiServer, write_kubeconfig
from tests.gitops.flux_objects import controller, flux_object, pod, ready

GIT = "/apis/source.toolkit.fluxcd.io/v1/gitrepositories"
NAMESPACED = "/apis/source.toolkit.fluxcd.io/v1/namespaces/flux-system/gitrepositories"
DEPLOYMENTS = "/apis/apps/v1/namespaces/flux-system/deployments"
PODS = "/api/v1/namespaces/flux-system/pods"
SECRET = "/api/v1/namespaces/flux-system/secrets/it"
DISCOVERY = ("/apis/", "/apis/source.toolkit.fluxcd.io/v1")
REPOSITORY = repository_of("ssh://git@127.0.0.1/acme/apps.git")
KEY = {"id": 1, "title": "it", "key": "ssh-ed25519 AAAAC3", "read_only": True, "created_at": "2026-11-24T06:00:00Z"}
FORGE_TOKEN = "not-a-real-" + "forge-token"
DEEP = b"[" * 100_000
TEN_TO_400 = int("1" + "0" * 400)
TEN_TO_400 = int("1" + "0" * 400)

NO_JSON = {
    "a page for logging in": Answer(headers={"Content-Type": "text/html"}, body=b"<html><form action=/login>"),
    "nothing": Answer(),
    "deep": Answer(body=DEEP),
    "bytes that are no UTF-8": Answer(body=b'{"items": "\xff"}'),
    "a number of 5,000 digits": Answer(body=b"1" * 5000),
    "compressed": Answer(headers={"Content-Encoding": "gzip"}, body=b"\x1f\x8b\x08\x00garbage"),
}
NO_OBJECT = {name: Answer(body=name.encode()) for name in ("null", "[]", "7", '"text"', "NaN", "[[]]", "{}", "true")}
REDIRECTS = (301, 302, 303, 307, 308)


def first(count: int, values: Iterable[Any]) -> list[Any]:
    """Parameters, of which all after the first `count` are for the thorough tier."""
    return [
        pytest.param(*(each if isinstance(each, tuple) else (each,)), marks=[pytest.mark.thorough] if position >= count else [])
        for position, each in enumerate(values)
    ]


def first_answers(count: int, leaving_out: str = "") -> list[Any]:
    """The answers above, a page for logging in and `null` first."""
    named = {name: each for name, each in (NO_OBJECT | NO_JSON).items() if name != leaving_out}
    order = sorted(named, key=lambda name: name not in ("a page for logging in", "null"))
    return [pytest.param(named[name], id=name, marks=[pytest.mark.thorough] if at >= count else []) for at, name in enumerate(order)]


class Cluster:
    """A cluster that answers as it should, but at the paths of `answers`."""

    def __init__(self, server: AnyServer) -> None:
        self.good = FakeApiServer(
            objects=[flux_object("GitRepository", "good", ready()), controller("source-controller"), pod("source-controller")]
        )
        self.answers: dict[str, Answer] = {}
        self.server = server
        server.answer = self._answer

    def _answer(self, request: Request) -> Answer:
        path = urlsplit(request.path).path
        if path in self.answers:
            return self.answers[path]
        status, body = self.good.answer(request.path)
        return Answer(status=status, body=json.dumps(body).encode())


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    with any_server() as server:
        made = Cluster(server)
        write_kubeconfig(tmp_path / "config", f"http://{server.address}")
        yield made


@pytest.fixture
def kubeconfig(tmp_path: Path) -> Path:
    return tmp_path / "config"


def items(*bodies: Any, **metadata: Any) -> Answer:
    return Answer(body=json.dumps({"metadata": metadata, "items": list(bodies)}).encode())


def rows(kubeconfig: Path) -> list[StatusRow]:
    return [row for row in collect(kubeconfig, None) if not row.is_controller]


def dripping(every: float, part: bytes = b" ") -> Callable[[], bytes]:
    def drip() -> bytes:
        time.sleep(every)
        return part

    return drip


GARBAGE: list[tuple[str, Any]] = [
    ("status", 7),
    ("status", []),
    ("status", {"conditions": {}}),
    ("status", {"conditions": [None]}),
    ("status", {"conditions": ["Ready"]}),
    ("status", {"conditions": [{"status": "True"}]}),
    ("status", {"conditions": [{"type": 7, "status": "True"}]}),
    ("status", {"conditions": [{"type": [], "status": "True"}]}),
    ("status", {"conditions": [{"type": "Ready", "status": True}]}),
    ("status", {"conditions": [{"type": "Ready", "status": "True", "message": {}}]}),
    ("status", {"conditions": [{"type": "Ready", "status": "True", "observedGeneration": TEN_TO_400}]}),
    ("status", {"conditions": [{"type": "Ready", "status": "True", "observedGeneration": -2}]}),
    ("status", {"observedGeneration": "x"}),
    ("status", {"history": {}}),
    ("status", {"history": [7]}),
    ("status", {"artifact": "x"}),
    ("status", {"artifact": {"revision": {}}}),
    ("status", {"lastHandledReconcileAt": 7}),
    ("spec", 7),
    ("spec", {"interval": 7}),
    ("spec", {"suspend": "no"}),
    ("spec", {"secretRef": "it"}),
]
