"""Answers that do not end, lead elsewhere, or take too long.

It is one sentence and exit code 2, within bounds of time and size. Of each list of inputs the first few are tried in the fast tier.
"""

import json
import time
from pathlib import Path

import pytest

from flux.bounded_documents import Bounds
from flux.time_limit import TimeLimitError, within
from gitops.status.collect import collect
from live.client import bounded_client
from live.errors import LiveError, UnreachableError
from tests.any_server import Answer, any_server
from tests.gitops.api_server import write_kubeconfig
from tests.security.odd_servers import (  # noqa: F401
    DEEP,
    DEPLOYMENTS,
    DISCOVERY,
    FORGE_TOKEN,
    GIT,
    KEY,
    NAMESPACED,
    NO_JSON,
    NO_OBJECT,
    PODS,
    REDIRECTS,
    REPOSITORY,
    SECRET,
    Cluster,
    dripping,
    first,
    first_answers,
    items,
    rows,
)


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


def test_an_api_server_that_drips_is_left(cluster: Cluster, kubeconfig: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded_client, "ANSWER_SECONDS", 0.3)
    cluster.answers[GIT] = Answer(body=dripping(0.05))
    started = time.monotonic()
    with pytest.raises(UnreachableError, match="takes longer than 0 s"):
        collect(kubeconfig, None)
    assert time.monotonic() - started < 60


@pytest.mark.parametrize("status", REDIRECTS)
def test_an_api_server_redirects_to_another(status: int, cluster: Cluster, kubeconfig: Path) -> None:
    with any_server() as another:
        cluster.answers["/apis/"] = Answer(status=status, headers={"Location": f"http://{another.address}/apis/"})
        with pytest.raises(LiveError, match=f"not as a Kubernetes API server does .{status} "):
            collect(kubeconfig, None)
        assert another.requests == []


@pytest.mark.harmless
def test_a_mistake_of_ours_is_not_told_as_the_servers(cluster: Cluster, kubeconfig: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def mistaken(*_: object) -> bool:
        raise KeyError("ours")

    monkeypatch.setattr("live.flux_objects.flux_resources.is_flux_api", mistaken)
    with pytest.raises(KeyError, match="ours"):
        collect(kubeconfig, None)


@pytest.mark.harmless
def test_a_mistake_of_ours_is_not_told_as_the_kubeconfigs(cluster: Cluster, kubeconfig: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def mistaken(*_: object) -> bool:
        raise KeyError("ours")

    monkeypatch.setattr("live.client.connection.is_loopback", mistaken)
    with pytest.raises(KeyError, match="ours"):
        collect(kubeconfig, None)


@pytest.mark.parametrize("token", ["a\nb", "a b\u00e9", "\u2028"])
def test_a_token_that_is_none_is_not_sent(token: str, cluster: Cluster, tmp_path: Path) -> None:
    file = write_kubeconfig(tmp_path / "odd", f"http://{cluster.server.address}", user={"token": token})
    with pytest.raises(LiveError) as told:
        collect(file, None)
    assert token not in str(told.value)
    assert cluster.server.requests == []


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
