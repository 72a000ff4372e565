"""What `gitops deploy-key` is told by a cluster and by forges.

It is one sentence and exit code 2, within bounds of time and size. Of each list of inputs the first few are tried in the fast tier.
"""

import base64
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from flux.bounded_documents import Bounds
from gitops.deploy_keys.cluster_side import DeployKeyCluster
from gitops.errors import CommandError
from gitops.forges import client as forge_client
from gitops.forges import pages
from gitops.forges.forge import DeployKey, Forge, RefusedError
from gitops.forges.gitea import Gitea
from gitops.forges.github import GitHub
from live.access.target import find_target
from live.errors import LiveError
from tests.any_server import Answer, AnyServer, any_server
from tests.gitops.flux_objects import flux_object, ready
from tests.security.odd_servers import (
    DEEP,
    FORGE_TOKEN,
    GARBAGE,
    KEY,
    NAMESPACED,
    REDIRECTS,
    REPOSITORY,
    SECRET,
    TEN_TO_400,
    Cluster,
    dripping,
    first,
    first_answers,
    items,
)
from tests.security.redaction_table import HEX_40

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


@pytest.mark.harmless
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
    monkeypatch.setattr(pages, "MOST_PAGES", 5)
    asked, server = forge
    server.answer = lambda _: Answer(headers=ENDLESS, body=json.dumps([KEY | {"id": len(server.requests)}]).encode())
    with pytest.raises(CommandError, match="has more than 5 pages"):
        asked.deploy_keys(REPOSITORY)


def test_slow_pages_of_a_forge_end(forge: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "LISTING_SECONDS", 0.0)
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
    assert time.monotonic() - started < 60


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


@pytest.mark.parametrize(
    "words", ["x\n0 errors\x1b[2J", "y" * 100_000, f"Authorization: token {HEX_40}"], ids=["lines", "endless", "secret"]
)
@pytest.mark.parametrize("status", first(1, [422, 401, 403]))
def test_the_reasons_of_a_refusal_forge_nothing_and_end(status: int, words: str, forge: Asked) -> None:
    asked, server = forge
    body = json.dumps({"message": words, "errors": [{"message": words}] * 3}).encode()
    server.answer = lambda _: Answer(status=status, body=body)

    with pytest.raises((RefusedError, CommandError)) as told:
        asked.add_deploy_key(REPOSITORY, "it", "ssh-ed25519 AAAAC3")

    assert "\n" not in str(told.value)
    assert len(str(told.value)) < 2_000
    assert HEX_40 not in str(told.value)
