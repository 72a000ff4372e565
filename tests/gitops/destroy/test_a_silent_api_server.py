"""The API server, or its etcd, dies in the middle of a destruction and comes back."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from flux.message import Message
from gitops.destroy.carry_out import SILENT_SECONDS, Removal
from gitops.destroy.effects import effects_of
from live.access.target import find_target
from live.errors import UnreachableError
from live.flux_objects.flux_removal import FluxRemoval, RemovableObject
from tests.any_server import Answer, AnyServer, Request, any_server
from tests.gitops.api_server import write_kubeconfig
from tests.gitops.destroy.samples import FLUX_FINALIZER, flux_object, is_own, things
from tests.gitops.destroy.test_carry_out import SOURCE, Cluster

REQUESTS = ("objects", "running_controllers", "namespace_is_going", "delete", "release", "keep_what_it_applied")
ROOT = flux_object("Kustomization", "root", *things(3), own=True, finalizers=("somebody/else", FLUX_FINALIZER))
KUSTOMIZATIONS = "/apis/kustomize.toolkit.fluxcd.io/v1"
ROOT_PATH = f"{KUSTOMIZATIONS}/namespaces/flux-system/kustomizations/root"
DEPLOYMENTS = "/apis/apps/v1/namespaces/flux-system/deployments"


class DyingCluster(Cluster):
    """Answers the first of one kind of request with silence, for some seconds; after that, it does not know its objects for a moment."""

    def __init__(self, request: str, seconds: float) -> None:
        super().__init__(SOURCE, ROOT, cleans=lambda name: name != "root")
        self.silent_until: float | None = None
        self.effects = effects_of(self.objects(), is_own, self.running)
        answer: Callable[..., Any] = getattr(self, request)

        def silent(*arguments: RemovableObject) -> Any:
            self.silent_until = self.seconds + seconds if self.silent_until is None else self.silent_until
            if self.seconds < self.silent_until:
                raise UnreachableError("https://127.0.0.1:6443", Message("cannot be reached: 500 etcdserver: request timed out"))
            is_new = self.seconds < self.silent_until + 1
            return [] if request == "objects" and is_new else answer(*arguments)

        setattr(self, request, silent)

    def removal(self, said: list[str]) -> Removal:
        return Removal(self, 30, said.append, sleep=self.wait, clock=lambda: self.seconds)


@pytest.mark.parametrize("request_name", REQUESTS)
def test_a_removal_goes_on_when_the_api_server_answers_again(request_name: str) -> None:
    cluster, said = DyingCluster(request_name, 60), list[str]()
    removal = cluster.removal(said)

    removal.keep_workloads(cluster.effects)
    removal.run(cluster.effects, definitions_go=False)

    assert cluster.there == {}
    assert [each.reference.name for each in removal.released] == ["root"]
    assert "waiting for the API server to answer again" in said
    assert cluster.seconds > 60 + 30, "nobody could clean up while it was silent, so that time does not count"


def test_a_removal_ends_where_the_api_server_stays_away() -> None:
    cluster = DyingCluster("objects", 10_000)

    with pytest.raises(UnreachableError):
        cluster.removal([]).run(cluster.effects, definitions_go=False)

    assert SILENT_SECONDS <= cluster.seconds < SILENT_SECONDS + 5


def status(code: int, said: str) -> Answer:
    return Answer(status=code, body=json.dumps({"kind": "Status", "message": said}).encode())


def half_a_body() -> Callable[[], bytes]:
    parts = iter([b'{"metadata": {}, "ite'])
    return lambda: next(parts, b"")


DYING: dict[str, Callable[[], Answer]] = {
    "etcd is away": lambda: status(500, "etcdserver: request timed out"),
    "etcd has another leader": lambda: status(500, "etcdserver: leader changed"),
    "its storage is not there yet": lambda: status(503, "the request has been made before all known HTTP paths have been installed"),
    "it gives up": lambda: status(504, "Timeout: request did not complete within the requested timeout"),
    "it has too much to do": lambda: status(429, "storage is (re)initializing"),
    "half a body": lambda: Answer(headers={"Content-Length": "5000"}, body=half_a_body()),
    "half a body in chunks": lambda: Answer(
        headers={"Transfer-Encoding": "chunked"}, body=iter([b'15\r\n{"metadata": {}, "ite', b""]).__next__
    ),
}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[AnyServer]:
    with any_server() as served:
        write_kubeconfig(tmp_path / "config", f"http://{served.address}")
        yield served


def healthy(request: Request) -> Answer:
    path = urlsplit(request.path).path
    answers: dict[str, Any] = {
        "/apis/": {"groups": [{"name": "kustomize.toolkit.fluxcd.io", "versions": [{"version": "v1"}]}]},
        KUSTOMIZATIONS: {"resources": [{"name": "kustomizations", "kind": "Kustomization", "namespaced": True, "verbs": ["list"]}]},
        f"{KUSTOMIZATIONS}/kustomizations": {"metadata": {}, "items": [{"metadata": {"name": "root", "namespace": "flux-system"}}]},
        DEPLOYMENTS: {"metadata": {}, "items": []},
    }
    return Answer(body=json.dumps(answers.get(path, {"metadata": {"name": "root"}})).encode())


@pytest.mark.parametrize("dying", DYING)
def test_whatever_a_dying_api_server_answers_it_may_come_back(dying: str, server: AnyServer, tmp_path: Path) -> None:
    removal = FluxRemoval(find_target(tmp_path / "config", None))
    server.answer = healthy
    (root,) = removal.objects()

    # of what is asked for, in turn: what dies in the middle is not the first request alone
    for dies_at in ("/apis/", KUSTOMIZATIONS, f"{KUSTOMIZATIONS}/kustomizations", DEPLOYMENTS, ROOT_PATH, "/api/v1/namespaces/flux-system"):
        server.answer = lambda request, at=dies_at: DYING[dying]() if urlsplit(request.path).path == at else healthy(request)  # type: ignore[misc]
        failed = [name for name in REQUESTS if _is_unreachable(removal, name, root)]
        assert failed == REQUESTS_AT[dies_at], dies_at
    removal.close()


REQUESTS_AT = {
    "/apis/": ["objects"],
    KUSTOMIZATIONS: ["objects"],
    f"{KUSTOMIZATIONS}/kustomizations": ["objects"],
    DEPLOYMENTS: ["objects", "running_controllers"],
    ROOT_PATH: ["delete", "release", "keep_what_it_applied"],
    "/api/v1/namespaces/flux-system": ["namespace_is_going"],
}
"""Path → what needs an answer there."""


def test_a_dead_api_server_may_come_back(tmp_path: Path) -> None:
    with any_server(healthy) as served:
        removal = FluxRemoval(find_target(write_kubeconfig(tmp_path / "config", f"http://{served.address}"), None))
        (root,) = removal.objects()

    assert [name for name in REQUESTS if _is_unreachable(removal, name, root)] == [*REQUESTS]
    removal.close()


def _is_unreachable(removal: FluxRemoval, name: str, root: RemovableObject) -> bool:
    try:
        getattr(removal, name)(*([] if name in ("objects", "running_controllers", "namespace_is_going") else [root]))
    except UnreachableError:
        return True
    return False
