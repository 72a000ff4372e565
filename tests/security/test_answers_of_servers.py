"""What an API server or a forge answers, or whoever answers in its place.

It is one sentence and exit code 2, within bounds of time and size, and no token goes elsewhere. Of each list of inputs the first few are
tried in the fast tier, and all of them in the thorough one.
"""

import base64
import json
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from flux.bounded_documents import Bounds
from flux.time_limit import TimeLimitError, within
from gitops.deploy_keys.cluster_side import DeployKeyCluster
from gitops.errors import CommandError
from gitops.forges import client as forge_client
from gitops.forges import deploy_key_json
from gitops.forges.forge import DeployKey, Forge, RefusedError
from gitops.forges.gitea import Gitea
from gitops.forges.github import GitHub
from gitops.forges.hosted_repository import repository_of
from gitops.status.collect import collect
from gitops.status.row import Readiness, StatusRow
from gitops.status.waiting import all_ready
from live import bounded_client
from live.errors import LiveError, UnreachableError
from live.target import find_target
from tests.any_server import Answer, AnyServer, Request, any_server
from tests.gitops.api_server import TOKEN, FakeApiServer, write_kubeconfig
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


@pytest.mark.parametrize("path", [*DISCOVERY, GIT, DEPLOYMENTS, PODS])
@pytest.mark.parametrize("answer", first_answers(2))
def test_an_api_server_answers_with_something_else(path: str, answer: Answer, cluster: Cluster, kubeconfig: Path) -> None:
    cluster.answers[path] = answer
    with pytest.raises(LiveError, match=rf"answers, but not as a Kubernetes API server does \({path}") as told:
        collect(kubeconfig, None)
    assert "\n" not in str(told.value)
    assert TOKEN not in str(told.value)


GROUPS: list[Any] = [
    {"groups": None},
    {"groups": {}},
    {"groups": [None]},
    {"groups": [{"name": 7, "versions": []}]},
    {"groups": [{"name": "source.toolkit.fluxcd.io"}]},
    {"groups": [{"name": "source.toolkit.fluxcd.io", "versions": [{"version": "../../../api/v1/secrets?x="}]}]},
    {"groups": [{"name": "../x.toolkit.fluxcd.io", "versions": []}]},
]
RESOURCES: list[Any] = [
    {"resources": None},
    {"resources": [{}]},
    {"resources": [{"name": "a", "kind": None, "verbs": []}]},
    {"resources": [{"name": "a", "kind": "A", "verbs": None}]},
    {"resources": [{"name": 7, "kind": "A", "verbs": ["list"]}]},
    {"resources": [{"name": "../secrets", "kind": "A", "verbs": ["list"]}]},
    {"resources": [{"name": "a?x=y", "kind": "A", "verbs": ["list"]}]},
]


@pytest.mark.parametrize(
    ("path", "body"),
    [*first(2, ((DISCOVERY[0], each) for each in reversed(GROUPS))), *first(2, ((DISCOVERY[1], each) for each in reversed(RESOURCES)))],
)
def test_the_kinds_that_an_api_server_says_it_has_are_none(path: str, body: Any, cluster: Cluster, kubeconfig: Path) -> None:
    cluster.answers[path] = Answer(body=json.dumps(body).encode())
    with pytest.raises(LiveError, match="not as a Kubernetes API server does"):
        collect(kubeconfig, None)
    assert not any("secrets" in request.path for request in cluster.server.requests)


NO_METADATA: list[Any] = [
    None,
    {},
    {"name": 7},
    {"name": None},
    {"name": ""},
    {"name": "n" * 300},
    {"name": "a", "namespace": 7},
    {"name": "a", "labels": []},
    {"name": "a", "labels": {"a": None}},
    {"name": "a", "generation": "1"},
    {"name": "a", "generation": TEN_TO_400},
    {"name": "a", "generation": 1.5},
    {"name": "a", "managedFields": {}},
    {"name": "a", "managedFields": [7]},
    {"name": "a", "finalizers": {"a": 1}},
    {"name": "a", "finalizers": [7]},
    {"name": "\ud800"},
]


@pytest.mark.parametrize("path", [GIT, DEPLOYMENTS, PODS])
@pytest.mark.parametrize("metadata", first(3, NO_METADATA))
def test_what_is_listed_has_no_name_or_odd_metadata(path: str, metadata: Any, cluster: Cluster, kubeconfig: Path) -> None:
    cluster.answers[path] = items({"metadata": metadata})
    with pytest.raises(LiveError, match="metadata"):
        collect(kubeconfig, None)


@pytest.mark.parametrize("item", [None, 7, "text", []])
def test_what_is_listed_is_no_object(item: Any, cluster: Cluster, kubeconfig: Path) -> None:
    cluster.answers[GIT] = items(item)
    with pytest.raises(LiveError, match="GitRepository of "):
        collect(kubeconfig, None)


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
    ("status", {"conditions": [{"type": "Ready", "status": "True", "observedGeneration": -1}]}),
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


@pytest.mark.parametrize(("part", "value"), first(5, GARBAGE))
def test_one_object_with_garbage_is_unknown_and_hides_no_other(part: str, value: Any, cluster: Cluster, kubeconfig: Path) -> None:
    bad = flux_object("GitRepository", "bad", ready()) | {part: value}
    cluster.answers[GIT] = items(bad, flux_object("GitRepository", "good", ready()))
    found = {row.name: row for row in rows(kubeconfig)}
    assert (found["bad"].ready, found["bad"].reason) == (Readiness.UNKNOWN, "Malformed")
    assert f"does not fit its kind: {part}" in found["bad"].message
    assert found["good"].ready is Readiness.YES
    assert not all_ready(list(found.values()))


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("spec", {"replicas": "1"}),
        ("spec", {"replicas": -1}),
        ("spec", {"replicas": TEN_TO_400}),
        ("spec", {"selector": []}),
        ("spec", {"template": {"spec": {"containers": [{"image": 7}]}}}),
        ("status", {"availableReplicas": "1"}),
        ("status", {"conditions": {}}),
        ("status", 7),
    ],
)
def test_a_controller_with_garbage_is_unknown(part: str, value: Any, cluster: Cluster, kubeconfig: Path) -> None:
    cluster.answers[DEPLOYMENTS] = items(controller("source-controller") | {part: value})
    (found,) = [row for row in collect(kubeconfig, None) if row.is_controller]
    assert (found.ready, found.reason) == (Readiness.UNKNOWN, "Malformed")


@pytest.mark.parametrize("status", [7, {"containerStatuses": {}}, {"containerStatuses": [{"restartCount": "x"}]}])
def test_a_pod_with_garbage_is_as_one_that_may_not_be_read(status: Any, cluster: Cluster, kubeconfig: Path) -> None:
    cluster.answers[PODS] = items(pod("source-controller") | {"status": status})
    (found,) = [row for row in collect(kubeconfig, None) if row.is_controller]
    assert (found.ready, found.restarts) == (Readiness.YES, None)


@pytest.mark.parametrize(
    "moment", ["", "x", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-13-45T99:99:99Z", "x" * 10_000]
)
def test_a_moment_that_is_none_is_no_moment(moment: str, cluster: Cluster, kubeconfig: Path) -> None:
    from gitops.status.comparison import NOT_COMPARED
    from gitops.status.json_document import document

    body = flux_object("GitRepository", "odd", {**ready(), "lastTransitionTime": moment})
    body["metadata"] |= {"creationTimestamp": moment, "managedFields": [{"subresource": "status", "time": moment}]}
    cluster.answers[GIT] = items(body)
    assert document(rows(kubeconfig), NOT_COMPARED)["objects"][0]["lastChange"] is None


def test_an_interval_longer_than_time_itself_is_read(cluster: Cluster, kubeconfig: Path) -> None:
    body = flux_object("Kustomization", "odd", ready(), spec={"interval": f"{'9' * 400}h"})
    body["status"]["history"] = [{"lastReconciled": "2020-01-01T00:00:00Z"}]
    cluster.good.objects.append(body)
    assert "odd" in {row.name for row in rows(kubeconfig)}


def test_null_is_as_if_nothing_were_written(cluster: Cluster, kubeconfig: Path) -> None:
    body = flux_object("GitRepository", "good", ready())
    body["metadata"] |= {"labels": None, "managedFields": None, "finalizers": None}
    body["status"] |= {"artifact": None, "history": None}
    cluster.answers[GIT] = items(body)
    assert [row.ready for row in rows(kubeconfig)] == [Readiness.YES]


def test_a_list_that_begins_again_ends(cluster: Cluster, kubeconfig: Path) -> None:
    cluster.answers[GIT] = items(flux_object("GitRepository", "good", ready()), **{"continue": "again"})
    with pytest.raises(LiveError, match="begins again after its last page"):
        collect(kubeconfig, None)
    assert len(cluster.server.requests) < 10


def test_pages_without_end_end(cluster: Cluster, kubeconfig: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded_client, "MOST_REQUESTS", 20)
    answer = cluster.server.answer

    def endless(request: Request) -> Answer:
        if urlsplit(request.path).path != GIT:
            return answer(request)
        return items(**{"continue": str(len(cluster.server.requests))})

    cluster.server.answer = endless
    with pytest.raises(LiveError, match="more than 20 requests"):
        collect(kubeconfig, None)
    assert len(cluster.server.requests) <= 20


@pytest.mark.parametrize("token", [7, {}, []])
def test_the_mark_of_the_next_page_is_no_text(token: Any, cluster: Cluster, kubeconfig: Path) -> None:
    cluster.answers[GIT] = items(**{"continue": token})
    with pytest.raises(LiveError, match=r"metadata\.continue"):
        collect(kubeconfig, None)


@pytest.mark.parametrize("path", [*DISCOVERY, GIT, DEPLOYMENTS, PODS])
def test_an_api_server_answers_without_end(path: str, cluster: Cluster, kubeconfig: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded_client, "LARGEST_ANSWER", Bounds(size=100_000))
    cluster.answers[path] = Answer(body=lambda: b" " * 10_000)
    with pytest.raises(LiveError, match="is larger than 100,000 bytes"):
        collect(kubeconfig, None)


@pytest.mark.parametrize("status", [401, 403, 404, 500])
def test_a_refusal_without_end_is_read_to_a_bound(status: int, cluster: Cluster, kubeconfig: Path) -> None:
    cluster.answers["/apis/"] = Answer(status=status, body=lambda: b"x" * 10_000)
    with pytest.raises(LiveError):
        collect(kubeconfig, None)
    assert cluster.server.sent < 20_000_000


@pytest.mark.parametrize("body", [b"<html>down</html>", b"", b'{"message": {}}', b'{"message": 7}', b"[]", DEEP[:50_000]])
@pytest.mark.parametrize("status", first(2, [401, 500, 403, 404, 418, 429, 503, 204, 299, 600]))
def test_a_refusal_in_no_form_is_one_sentence(status: int, body: bytes, cluster: Cluster, kubeconfig: Path) -> None:
    cluster.answers["/apis/"] = Answer(status=status, body=b"" if status == 204 else body)
    with pytest.raises(LiveError) as told:
        collect(kubeconfig, None)
    assert "\n" not in str(told.value)
    assert "html" not in str(told.value)


def test_a_refusal_cannot_act_on_a_terminal(cluster: Cluster, kubeconfig: Path) -> None:
    cluster.answers["/apis/"] = Answer(status=403, body=json.dumps({"message": "no\x1b[2J\u202e\ud800"}).encode())
    with pytest.raises(LiveError, match=r"no\\x1b\[2J\\u202e"):
        collect(kubeconfig, None)


def dripping(every: float, part: bytes = b" ") -> Callable[[], bytes]:
    def drip() -> bytes:
        time.sleep(every)
        return part

    return drip


def test_an_api_server_that_drips_is_left(cluster: Cluster, kubeconfig: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded_client, "ANSWER_SECONDS", 0.3)
    cluster.answers[GIT] = Answer(body=dripping(0.05))
    started = time.monotonic()
    with pytest.raises(UnreachableError, match="takes longer than 0 s"):
        collect(kubeconfig, None)
    assert time.monotonic() - started < 3


@pytest.mark.parametrize("status", REDIRECTS)
def test_an_api_server_redirects_to_another(status: int, cluster: Cluster, kubeconfig: Path) -> None:
    with any_server() as another:
        cluster.answers["/apis/"] = Answer(status=status, headers={"Location": f"http://{another.address}/apis/"})
        with pytest.raises(LiveError, match=f"not as a Kubernetes API server does .{status} "):
            collect(kubeconfig, None)
        assert another.requests == []


def test_a_mistake_of_ours_is_not_told_as_the_servers(cluster: Cluster, kubeconfig: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def mistaken(*_: object) -> bool:
        raise KeyError("ours")

    monkeypatch.setattr("live.cluster_reader.is_flux_api", mistaken)
    with pytest.raises(KeyError, match="ours"):
        collect(kubeconfig, None)


def test_a_mistake_of_ours_is_not_told_as_the_kubeconfigs(cluster: Cluster, kubeconfig: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def mistaken(*_: object) -> bool:
        raise KeyError("ours")

    monkeypatch.setattr("live.connection.is_loopback", mistaken)
    with pytest.raises(KeyError, match="ours"):
        collect(kubeconfig, None)


@pytest.mark.parametrize("token", ["a\nb", "a b\u00e9", "\u2028"])
def test_a_token_that_is_none_is_not_sent(token: str, cluster: Cluster, tmp_path: Path) -> None:
    file = write_kubeconfig(tmp_path / "odd", f"http://{cluster.server.address}", user={"token": token})
    with pytest.raises(LiveError) as told:
        collect(file, None)
    assert token not in str(told.value)
    assert cluster.server.requests == []


# The cluster's side of `gitops deploy-key retire`


@contextmanager
def key_cluster(kubeconfig: Path) -> Iterator[DeployKeyCluster]:
    made = DeployKeyCluster(find_target(kubeconfig, None))
    try:
        yield made
    finally:
        made.close()


@pytest.mark.parametrize("answer", first_answers(2))
@pytest.mark.parametrize(
    ("path", "ask"),
    [
        (SECRET, lambda it: it.identity("it")),
        (NAMESPACED, lambda it: it.git_repositories("it")),
        (f"{NAMESPACED}/it", lambda it: it.request("it", "now")),
    ],
)
def test_what_retire_is_told_is_something_else(
    path: str, ask: Callable[[DeployKeyCluster], Any], answer: Answer, cluster: Cluster, kubeconfig: Path
) -> None:
    cluster.answers[path] = answer
    with key_cluster(kubeconfig) as asked, pytest.raises(LiveError, match="not as a Kubernetes API server does"):
        ask(asked)


MARKER = "marker" * 10


@pytest.mark.parametrize(
    "data", [MARKER, [MARKER], {"identity": 7}, {"identity": [MARKER]}, {"identity": f"{MARKER}!"}, {"identity": "\ud800"}, {"x": {}}]
)
def test_a_secret_in_no_form_is_one_sentence_without_what_it_holds(data: Any, cluster: Cluster, kubeconfig: Path) -> None:
    cluster.answers[SECRET] = Answer(body=json.dumps({"metadata": {"name": "it"}, "data": data}).encode())
    with key_cluster(kubeconfig) as asked, pytest.raises(LiveError, match="data") as told:
        asked.identity("it")
    assert MARKER not in str(told.value)


def test_a_secret_that_is_one_is_read(cluster: Cluster, kubeconfig: Path) -> None:
    body = {"metadata": {"name": "it"}, "data": {"identity": base64.b64encode(b"a key").decode()}}
    cluster.answers[SECRET] = Answer(body=json.dumps(body).encode())
    with key_cluster(kubeconfig) as asked:
        assert asked.identity("it") == b"a key"


@pytest.mark.parametrize(("part", "value"), first(5, GARBAGE))
def test_nothing_is_retired_by_what_a_source_with_garbage_seems_to_say(part: str, value: Any, cluster: Cluster, kubeconfig: Path) -> None:
    cluster.answers[NAMESPACED] = items(flux_object("GitRepository", "bad", ready()) | {part: value})
    with key_cluster(kubeconfig) as asked, pytest.raises(LiveError, match="GitRepository bad: "):
        asked.git_repositories("it")


# Forges


@pytest.fixture(params=["Gitea", "GitHub"])
def forge(request: pytest.FixtureRequest) -> Iterator[tuple[Forge, AnyServer]]:
    with any_server() as server:
        url = f"http://{server.address}"
        made: Forge = Gitea(url, FORGE_TOKEN) if request.param == "Gitea" else GitHub(url, {"GH_ENTERPRISE_TOKEN": FORGE_TOKEN})
        yield made, server
        made.close()


Asked = tuple[Forge, AnyServer]
LISTED = DeployKey(id=1, title="it", public_key="ssh-ed25519 AAAAC3", read_only=True, created="")


@pytest.mark.parametrize(
    "answer",
    first_answers(2, leaving_out="[]")
    + [
        pytest.param(Answer(body=json.dumps([KEY, wrong]).encode()), id=f"key {position}", marks=[pytest.mark.thorough] * (position > 4))
        for position, wrong in enumerate[Any]((
            None, 7, [], {}, KEY | {"id": "1"}, KEY | {"id": None}, KEY | {"id": True}, KEY | {"id": -1}, KEY | {"id": TEN_TO_400},
            KEY | {"title": None}, KEY | {"title": {}}, KEY | {"key": ""}, KEY | {"key": "x"}, KEY | {"key": 7}, KEY | {"read_only": "yes"},
            KEY | {"created_at": 7}, KEY | {"title": "x" * 100_000},
        ))
    ],
)  # fmt: skip
def test_a_list_of_keys_that_is_none_is_not_an_empty_one(answer: Answer, forge: Asked) -> None:
    asked, server = forge
    server.answer = lambda _: answer
    with pytest.raises(CommandError, match=f"does not answer as {asked.kind}'s API does") as told:
        asked.deploy_keys(REPOSITORY)
    assert FORGE_TOKEN not in str(told.value)


@pytest.mark.parametrize("status", [201, 202, 204, 206])
def test_a_list_of_keys_comes_with_status_200(status: int, forge: Asked) -> None:
    asked, server = forge
    server.answer = lambda _: Answer(status=status, body=b"" if status == 204 else b"[]")
    with pytest.raises(CommandError, match=f"{status} for a list of keys"):
        asked.deploy_keys(REPOSITORY)


@pytest.mark.parametrize("answer", first_answers(2))
def test_a_page_for_logging_in_is_no_confirmation(answer: Answer, forge: Asked) -> None:
    asked, server = forge
    server.answer = lambda _: answer
    with pytest.raises(CommandError, match="It is unknown whether the key was registered"):
        asked.add_deploy_key(REPOSITORY, "it", "ssh-ed25519 AAAAC3")
    server.answer = lambda _: Answer(status=201, body=answer.body, headers=answer.headers)
    with pytest.raises(CommandError, match="It is unknown whether the key was registered"):
        asked.add_deploy_key(REPOSITORY, "it", "ssh-ed25519 AAAAC3")
    server.answer = lambda _: answer
    with pytest.raises(CommandError, match="It is unknown whether the key was removed"):
        asked.remove_deploy_key(REPOSITORY, LISTED)
    with pytest.raises(CommandError, match="answers, but not as"):
        asked.check_token()


ENDLESS = {"X-Total-Count": "1000000000", "Link": '<http://127.0.0.1/x>; rel="next"'}


def test_pages_of_a_forge_that_repeat_end(forge: Asked) -> None:
    asked, server = forge
    server.answer = lambda _: Answer(headers=ENDLESS, body=json.dumps([KEY]).encode())
    with pytest.raises(CommandError, match="page 2 of the keys repeats earlier ones"):
        asked.deploy_keys(REPOSITORY)
    assert len(server.requests) == 2


def test_pages_of_a_forge_without_end_end(forge: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deploy_key_json, "MOST_PAGES", 5)
    asked, server = forge
    server.answer = lambda _: Answer(headers=ENDLESS, body=json.dumps([KEY | {"id": len(server.requests)}]).encode())
    with pytest.raises(CommandError, match="has more than 5 pages"):
        asked.deploy_keys(REPOSITORY)


def test_slow_pages_of_a_forge_end(forge: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deploy_key_json, "LISTING_SECONDS", 0.0)
    asked, server = forge
    server.answer = lambda _: Answer(headers=ENDLESS, body=json.dumps([KEY | {"id": len(server.requests)}]).encode())
    with pytest.raises(CommandError, match="the list of keys takes longer than 0 s"):
        asked.deploy_keys(REPOSITORY)


@pytest.mark.parametrize("count", ["", "x", "-1", "1" * 5000, "\u00b2", "1e9", "NaN"])
def test_a_header_that_is_no_number_is_none(count: str, forge: Asked) -> None:
    asked, server = forge
    headers = {"X-Total-Count": count, "Retry-After": count, "X-RateLimit-Reset": count, "X-RateLimit-Remaining": "0"}
    server.answer = lambda _: Answer(headers=headers, body=json.dumps([KEY]).encode())
    assert len(asked.deploy_keys(REPOSITORY)) == 1
    server.answer = lambda _: Answer(status=403, headers=headers, body=b"{}")
    with pytest.raises((RefusedError, CommandError)):
        asked.deploy_keys(REPOSITORY)


def test_a_forge_answers_without_end(forge: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forge_client, "LARGEST_ANSWER", Bounds(size=100_000))
    asked, server = forge
    server.answer = lambda _: Answer(body=lambda: b" " * 10_000)
    with pytest.raises(CommandError, match="answers with more than 100,000 bytes"):
        asked.deploy_keys(REPOSITORY)


def test_a_forge_that_drips_is_left(forge: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forge_client, "ANSWER_SECONDS", 0.3)
    asked, server = forge
    server.answer = lambda _: Answer(body=dripping(0.05))
    started = time.monotonic()
    with pytest.raises(CommandError, match="takes longer than 0 s for an answer"):
        asked.deploy_keys(REPOSITORY)
    assert time.monotonic() - started < 3


@pytest.mark.parametrize("status", REDIRECTS)
def test_a_forge_redirects_to_another_server(status: int, forge: Asked) -> None:
    asked, server = forge
    with any_server() as another:
        server.answer = lambda _: Answer(status=status, headers={"Location": f"http://{another.address}/"})
        for ask in (
            lambda: asked.deploy_keys(REPOSITORY),
            lambda: asked.add_deploy_key(REPOSITORY, "it", "ssh-ed25519 AAAAC3"),
            lambda: asked.remove_deploy_key(REPOSITORY, LISTED),
            asked.check_token,
        ):
            with pytest.raises((RefusedError, CommandError)):
                ask()
        assert another.requests == []


@pytest.mark.parametrize("body", [b"<html>down</html>", b"", b'{"message": {"a": 1}}', b'{"errors": {}}', b"[]", b'{"errors": [7]}', DEEP])
@pytest.mark.parametrize("status", first(1, [422, 400, 401, 403, 404, 418, 429, 500, 503]))
def test_a_refusal_of_a_forge_in_no_form_is_one_sentence(status: int, body: bytes, forge: Asked) -> None:
    asked, server = forge
    server.answer = lambda _: Answer(status=status, body=body)
    with pytest.raises((RefusedError, CommandError)) as told:
        asked.deploy_keys(REPOSITORY)
    assert "\n" not in str(told.value)
    assert "html" not in str(told.value)


# The bound itself


def test_what_waits_is_left_when_the_time_is_up() -> None:
    started = time.monotonic()
    with pytest.raises(TimeLimitError):
        within(0.05, lambda: time.sleep(1))
    assert time.monotonic() - started < 0.9
    assert within(5, lambda: 7) == 7
    with pytest.raises(KeyError):
        within(5, lambda: dict[str, str]()["x"])


@pytest.mark.parametrize("part", [b"[],", b"{},", b'"a",', b"1,", b"[[[]]],"])
def test_millions_of_small_values_are_not_parsed(part: bytes, cluster: Cluster, kubeconfig: Path) -> None:
    cluster.answers[GIT] = Answer(body=b'{"metadata": {}, "items": [' + part * (bounded_client.MOST_VALUES + 1) + b"{}]}")
    with pytest.raises(LiveError, match="has more than 500,000 values"):
        collect(kubeconfig, None)
