"""What an API server answers, or whatever answers in its place.

It is one sentence and exit code 2, within bounds of time and size. Of each list of inputs the first few are tried in the fast tier.
"""

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from gitops.status.collect import collect
from gitops.status.row import Readiness
from gitops.status.waiting import all_ready
from live.access.target import find_target
from live.client import bounded_client
from live.errors import LiveError
from live.flux_objects.running_flux import read_running_flux
from tests.any_server import Answer, Request
from tests.gitops.api_server import TOKEN
from tests.gitops.flux_objects import controller, flux_object, pod, ready
from tests.security.odd_servers import (
    DEPLOYMENTS,
    DISCOVERY,
    GARBAGE,
    GIT,
    PODS,
    TEN_TO_400,
    Cluster,
    first,
    first_answers,
    items,
    rows,
)


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


@pytest.mark.parametrize(
    "fields", [{"f:spec": 7}, {"f:spec": [7]}, {"f:spec": {"f:url": "x"}}, {"f:spec": {"k:{}": {".": []}}}, {"": True}, []], ids=str
)
def test_the_fields_of_a_writer_are_none(fields: Any, cluster: Cluster, kubeconfig: Path) -> None:
    cluster.answers["/version"] = Answer(body=b'{"major": "1", "minor": "35"}')
    body = flux_object("GitRepository", "a", ready())
    body["metadata"]["managedFields"] = [{"manager": "flux", "operation": "Apply", "apiVersion": "v1", "fieldsV1": fields}]
    cluster.answers[GIT] = items(body)

    with pytest.raises(LiveError, match=r"managedFields\.0\.fieldsV1: is not an object"):
        read_running_flux(find_target(kubeconfig, None))


@pytest.mark.parametrize("item", [None, 7, "text", []])
def test_what_is_listed_is_no_object(item: Any, cluster: Cluster, kubeconfig: Path) -> None:
    cluster.answers[GIT] = items(item)
    with pytest.raises(LiveError, match="GitRepository of "):
        collect(kubeconfig, None)


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


@pytest.mark.harmless
def test_what_flux_writes_before_its_first_look_at_an_object_fits(cluster: Cluster, kubeconfig: Path) -> None:
    cluster.answers[GIT] = items(flux_object("GitRepository", "new") | {"status": {"observedGeneration": -1}})
    (row,) = rows(kubeconfig)
    assert (row.ready is Readiness.YES, "does not fit" in row.message) == (False, False)


@pytest.mark.harmless
def test_an_interval_longer_than_time_itself_is_read(cluster: Cluster, kubeconfig: Path) -> None:
    body = flux_object("Kustomization", "odd", ready(), spec={"interval": f"{'9' * 400}h"})
    body["status"]["history"] = [{"lastReconciled": "2020-01-01T00:00:00Z"}]
    cluster.good.objects.append(body)
    assert "odd" in {row.name for row in rows(kubeconfig)}


@pytest.mark.harmless
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
