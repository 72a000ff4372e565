"""`gitops drift`: what is compared, what is shown, and what `--mend` sends."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from typer.testing import CliRunner

from flux.object_reference import reference_of
from flux.owners_mark import FIELD_MANAGER
from gitops.cli import app
from gitops.errors import CommandError
from gitops.pulumi_state import StackState, StateObject
from live.access.target import Target, find_target
from live.errors import LiveError
from tests.any_server import Answer, AnyServer, Request, any_server
from tests.gitops.api_server import write_kubeconfig

MAP = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "stack-vars", "namespace": "flux-system"}, "data": {"NAME": "dev"}}
KEYS = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "sops-age", "namespace": "flux-system"}, "data": {"a.agekey": "AAAA"}}
ROOT = "/api/v1/namespaces/flux-system"


class Cluster:
    """Two objects; an apply is merged over what is there, as far as these need it."""

    def __init__(self) -> None:
        self.there: dict[str, dict[str, Any]] = {
            f"{ROOT}/configmaps/stack-vars": self.with_entry(MAP),
            f"{ROOT}/secrets/sops-age": self.with_entry(KEYS),
        }
        self.written: list[tuple[str, Any]] = []
        self.after: Any = None
        """The managedFields of what was applied, where they differ."""
        self.applied: dict[str, Any] = {}
        """What is there after an apply, beside what a merge makes."""
        self.late = 0
        """How often the server knows nothing of a namespace that was just made."""
        self.refused = ""
        """Said of every Secret that is written."""
        self.lists: dict[str, list[dict[str, Any]]] = {}
        """Path → the metadata that are listed there."""
        self.selectors: list[str] = []

    @staticmethod
    def with_entry(body: dict[str, Any], data: dict[str, str] | None = None) -> dict[str, Any]:
        managers = [{"manager": FIELD_MANAGER, "operation": "Apply", "fieldsV1": {"f:data": {f"f:{key}": {} for key in body["data"]}}}]
        if data is not None:
            fields: dict[str, Any] = {"f:data": {f"f:{key}": {} for key in data}}
            managers.append({"manager": "kubectl-edit", "operation": "Update", "time": "2026-11-27T12:00:00Z", "fieldsV1": fields})
        metadata = {**body["metadata"], "managedFields": managers, "resourceVersion": "1"}
        return {**body, "metadata": metadata, "data": {**body["data"], **(data or {})}}

    def __call__(self, request: Request) -> Answer:
        url = urlsplit(request.path)
        if url.path in self.lists:
            self.selectors.append(parse_qs(url.query)["labelSelector"][0])
            return Answer(body=json.dumps({"metadata": {}, "items": self.lists[url.path]}).encode())
        live = self.there.get(url.path)
        if request.method == "PATCH":
            patch = json.loads(request.body)
            if self.refused and "secrets" in url.path:
                return Answer(status=422, body=json.dumps({"message": self.refused}).encode())
            if self.late and "configmaps" in url.path:
                self.late -= 1
                return Answer(status=404, body=b"{}")
            if "dryRun" not in parse_qs(url.query):
                self.written.append((url.path, patch))
            live = live or {}
            if isinstance(patch, list):
                return Answer(body=json.dumps(live).encode())
            metadata = {**live.get("metadata", {}), "resourceVersion": "2"} | ({"managedFields": self.after} if self.after else {})
            live = {
                **live,
                **patch,
                **(self.applied if "configmaps" in url.path else {}),
                "metadata": {"name": "x", **metadata},
                "data": {**live.get("data", {}), **patch["data"]},
            }
        return Answer(status=200 if live else 404, body=json.dumps(live or {}).encode())


@pytest.fixture
def cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cluster]:
    served = Cluster()
    with any_server(served) as server:
        monkeypatch.setattr("gitops.drift.drift.read_state", lambda *_: state())
        monkeypatch.setattr("gitops.drift.drift.target_of", lambda *_: target(tmp_path, server))
        monkeypatch.chdir(Path(__file__).parents[3])
        yield served


def target(folder: Path, server: AnyServer) -> Target:
    return find_target(write_kubeconfig(folder / "config", f"http://{server.address}"), None)


def state(*more: dict[str, Any]) -> StackState:
    objects = [
        StateObject(urn="", reference=reference_of(body), body=body, secret_keys=frozenset({"data"} if body is KEYS else ()), stays=False)
        for body in (MAP, KEYS, *more)
    ]
    return StackState(objects=tuple(objects), is_empty=False, cluster="homelab")


def run(*options: str) -> tuple[int, str]:
    ended = CliRunner().invoke(app, ["drift", "--stack", "dev", *options])
    assert not ended.exception or isinstance(ended.exception, SystemExit), ended.exception
    return ended.exit_code, ended.output


def test_a_cluster_as_it_was_applied_is_exit_code_0(cluster: Cluster) -> None:
    assert run() == (0, "No drift: 2 objects of stack dev are as the last `pulumi up` applied them.\n")
    assert cluster.written == []


def test_a_changed_and_an_added_field_are_told_with_who_and_when_and_mended_exactly(cluster: Cluster) -> None:
    path = f"{ROOT}/configmaps/stack-vars"
    cluster.there[path] = cluster.with_entry(MAP, {"NAME": "other", "EXTRA": "1"})

    code, printed = run()

    assert code == 1
    assert printed.splitlines() == [
        "ConfigMap/flux-system/stack-vars",
        "  data.NAME: dev became other (by kubectl-edit since 2026-11-27T12:00:00Z)",
        "  data.EXTRA: 1, which the stack does not declare (by kubectl-edit since 2026-11-27T12:00:00Z)",
        "1 of 2 objects of stack dev differs. To set them back, run: gitops drift --stack dev --mend",
    ]
    assert cluster.written == []
    assert run("--mend")[0] == 0
    assert cluster.written == [(path, MAP), (path, {"data": {"EXTRA": None}})]


def test_no_value_of_a_secret_is_shown(cluster: Cluster) -> None:
    cluster.there[f"{ROOT}/secrets/sops-age"] = cluster.with_entry(KEYS, {"a.agekey": "QkJCQg==", "b.agekey": "Q0NDQw=="})

    for options in ((), ("-o", "json")):
        code, printed = run(*options)
        assert code == 1
        assert "a.agekey" in printed
        assert not [value for value in ("AAAA", "QkJC", "Q0ND") if value in printed]


def test_what_somebody_changed_back_is_no_drift_and_mending_does_not_remove_it(cluster: Cluster) -> None:
    """kubectl owns the field since then, and the stack no more, until it applies again."""
    path = f"{ROOT}/configmaps/stack-vars"
    cluster.there[path] = cluster.with_entry(MAP, {"NAME": "dev"})
    cluster.there[path]["metadata"]["managedFields"][0]["fieldsV1"] = {}
    cluster.after = cluster.with_entry(MAP, {"NAME": "dev"})["metadata"]["managedFields"]

    assert run("--mend")[0] == 0
    assert cluster.written == []


def test_an_item_of_a_list_is_removed_where_it_is_and_only_as_it_was_seen(cluster: Cluster) -> None:
    path = f"{ROOT}/configmaps/stack-vars"
    item = {"name": "x/y"}
    edited = cluster.with_entry({**MAP, "items": [{"name": "a"}, item]}, {})
    edited["metadata"]["managedFields"][1]["fieldsV1"] = {"f:items": {'k:{"name":"x/y"}': {".": {}, "f:name": {}}}}
    cluster.there[path] = edited

    code, printed = run("--mend")

    assert (code, 'items[1]: {"name": "x/y"}, which the stack does not declare (by kubectl-edit' in printed) == (0, True), printed
    assert cluster.written[1:] == [(path, [{"op": "test", "path": "/items/1", "value": item}, {"op": "remove", "path": "/items/1"}])]


def test_what_an_apply_removes_from_an_item_of_a_list_needs_no_patch(cluster: Cluster) -> None:
    """A merge patch cannot reach into a list: the API server refuses it, and what comes after it is not mended."""
    path = f"{ROOT}/configmaps/stack-vars"
    cluster.there[path] = cluster.with_entry({**MAP, "items": [{"name": "a", "more": "1"}]})
    cluster.applied = {"items": [{"name": "a"}]}

    assert run("--mend")[0] == 0
    assert cluster.written == [(path, MAP)]


def test_what_a_server_says_of_a_secret_is_not_repeated(cluster: Cluster) -> None:
    cluster.refused = 'Secret "sops-age" is invalid: data[a.agekey]: Invalid value: "AAAA"'

    with pytest.raises(LiveError) as refused:
        CliRunner().invoke(app, ["drift", "--stack", "dev"], catch_exceptions=False)
    assert "Secret/flux-system/sops-age; the reason is not shown" in str(refused.value)
    assert "AAAA" not in str(refused.value)


def test_hundreds_of_objects_are_no_more_than_may_be_asked_for(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("live.client.bounded_client.MOST_REQUESTS", 3)

    assert run()[0] == 0


def test_a_state_without_objects_is_no_cluster_without_drift(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gitops.drift.drift.read_state", lambda *_: StackState())

    with pytest.raises(CommandError, match="the state of stack dev has no Kubernetes object"):
        CliRunner().invoke(app, ["drift", "--stack", "dev"], catch_exceptions=False)


def test_a_token_that_somebody_wrote_into_a_plain_field_is_not_shown(cluster: Cluster) -> None:
    token = "ghp_" + "a1B2" * 9
    cluster.there[f"{ROOT}/configmaps/stack-vars"] = cluster.with_entry(MAP, {"NAME": f"https://me:{token}@git.example.com"})

    for options in ((), ("-o", "json")):
        assert token not in run(*options)[1]


def test_what_others_need_is_made_first_and_waited_for(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "flux-system"}, "data": {}}
    known = [replace(state().objects[0], reference=reference_of(body), body=body) for body in (MAP, namespace)]
    monkeypatch.setattr("gitops.drift.drift.read_state", lambda *_: StackState(objects=tuple(known), is_empty=False))
    monkeypatch.setattr("live.ownership.compared_objects._PAUSES", (0,))
    cluster.there, cluster.late = {}, 1

    assert run("--mend")[0] == 0
    assert [path for path, _ in cluster.written] == [ROOT, f"{ROOT}/configmaps/stack-vars"]


def test_a_missing_object_is_told_and_made_again(cluster: Cluster) -> None:
    del cluster.there[f"{ROOT}/configmaps/stack-vars"]

    code, printed = run("-o", "json")

    (found,) = json.loads(printed)["objects"]
    assert (code, found["name"], found["missing"], found["drifted"]) == (1, "stack-vars", True, True)
    assert run("--mend")[0] == 0
    assert cluster.written == [(f"{ROOT}/configmaps/stack-vars", MAP)]
