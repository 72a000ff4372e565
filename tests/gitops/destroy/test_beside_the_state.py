"""What a killed `up` made and Pulumi's state does not have goes with the stack, by its mark."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from flux.object_reference import ObjectReference
from flux.owners_mark import FIELD_MANAGER, TAKEN_ANNOTATION, OwnersMark
from gitops.destroy import beside_state as module
from gitops.destroy.beside_state import BesideState, beside_state, check_rights_beside, remove_beside
from gitops.pulumi_state import StackState, StateObject
from live.access.target import Target, find_target
from live.errors import LiveError, UnreachableError
from tests.any_server import Answer, Request, any_server
from tests.gitops.api_server import write_kubeconfig

MARK = OwnersMark.of("gitops", "dev", "dev")
ROOT = "/api/v1/namespaces/flux-system"
ROLES = "/apis/rbac.authorization.k8s.io/v1/clusterroles"
CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"


def made(name: str, labels: dict[str, str] | None = None, **more: Any) -> dict[str, Any]:
    """An object as the stack made it, as far as its metadata say."""
    fields = {"manager": FIELD_MANAGER, "operation": "Apply", "apiVersion": "v1", "fieldsType": "FieldsV1", "fieldsV1": {"f:data": {}}}
    return {"metadata": {"name": name, "uid": f"uid-of-{name}", "labels": labels or MARK.labels, "managedFields": [fields], **more}}


@dataclass
class Cluster:
    """Lists what it has, and deletes what it is asked to."""

    lists: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    statuses: dict[str, int] = field(default_factory=dict)
    selectors: set[str] = field(default_factory=set)
    deleted: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def __call__(self, request: Request) -> Answer:
        parts = urlsplit(request.path)
        folder, _, name = parts.path.rpartition("/")
        if status := self.statuses.get(parts.path):
            return Answer(status=status, body=json.dumps({"kind": "Status", "message": "no"}).encode())
        if request.method == "DELETE":
            (self.asked if "dryRun" in json.loads(request.body) else self.deleted).append(parts.path)
            return Answer(body=b"{}")
        if parts.query and "labelSelector" in parts.query:
            self.selectors |= set(parse_qs(parts.query)["labelSelector"])
            return Answer(body=json.dumps({"metadata": {}, "items": self.lists.get(parts.path, [])}).encode())
        found = [each for each in self.lists.get(folder, []) if each["metadata"]["name"] == name and parts.path not in self.deleted]
        return Answer(body=json.dumps(found[0]).encode()) if found else Answer(status=404, body=b'{"kind": "Status"}')


@pytest.fixture
def cluster() -> Cluster:
    return Cluster()


@pytest.fixture
def target(cluster: Cluster, tmp_path: Path) -> Iterator[Target]:
    with any_server(cluster) as server:
        yield find_target(write_kubeconfig(tmp_path / "config", f"http://{server.address}"), None)


def in_state(kind: str, name: str) -> StackState:
    reference = ObjectReference(kind, "flux-system", name)
    known = StateObject(urn="urn", reference=reference, body={"apiVersion": "v1", "kind": kind}, secret_keys=frozenset(), stays=False)
    return StackState(objects=(known,), is_empty=False, cluster="dev")


def names_of(found: BesideState) -> list[str]:
    return [str(each.reference) for each in found.objects]


def test_what_the_state_has_what_was_taken_over_and_what_others_made_is_none_of_it(cluster: Cluster, target: Target) -> None:
    here: dict[str, Any] = {"namespace": "flux-system"}
    cluster.lists = {
        f"{ROOT}/configmaps": [
            made("known", **here),
            made("left", **here),
            made("taken", annotations={TAKEN_ANNOTATION: "flux"}, **here),
            made("other", {**MARK.labels, "gitops.daviestechlabs.io/cluster": "other"}, **here),
            {"metadata": {**made("copy", **here)["metadata"], "managedFields": []}},
        ],
        ROLES: [made("crd-controller")],
        CRDS: [made("gitrepositories.source.toolkit.fluxcd.io")],
    }

    found = beside_state(in_state("ConfigMap", "known"), MARK, target)

    crd = "CustomResourceDefinition/gitrepositories.source.toolkit.fluxcd.io"
    assert names_of(found) == ["ClusterRole/crd-controller", "ConfigMap/flux-system/left", crd]
    assert cluster.selectors == {MARK.selector}
    assert found.told(definitions_go=False).endswith("does not have them: 1 ClusterRole, 1 ConfigMap.")
    assert found.told(definitions_go=True).endswith("does not have them: 1 ClusterRole, 1 ConfigMap, 1 CustomResourceDefinition.")
    assert BesideState().told(definitions_go=True) == ""


def test_crds_and_the_namespace_go_last_and_only_if_all_of_them_go(cluster: Cluster, target: Target) -> None:
    cluster.lists = {
        "/api/v1/namespaces": [made("flux-system")],
        CRDS: [made("a.example.com")],
        f"{ROOT}/secrets": [made("sops-age", namespace="flux-system")],
    }
    found = beside_state(StackState(is_empty=False), MARK, target)
    assert found.has_definitions

    assert remove_beside(found.going(definitions_go=False), target, print) == {}
    assert cluster.deleted == [f"{ROOT}/secrets/sops-age"]
    assert remove_beside(found.going(definitions_go=True), target, print) == {}
    assert cluster.deleted[1:] == [f"{ROOT}/secrets/sops-age", f"{CRDS}/a.example.com", "/api/v1/namespaces/flux-system"]


def test_what_does_not_go_is_named_with_its_finalizers_and_nothing_after_it_is_deleted(
    cluster: Cluster, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SECONDS", 0.0)
    monkeypatch.setattr(module, "POLL_SECONDS", 0.01)
    cluster.lists = {ROLES: [made("held", finalizers=["example.com/hold"])], CRDS: [made("a.example.com")]}
    found = beside_state(StackState(is_empty=False), MARK, target)
    said: list[str] = []

    class Held(list[str]):
        def __contains__(self, _: object) -> bool:
            return False

    cluster.deleted = Held()
    left = remove_beside(found.going(definitions_go=True), target, said.append)

    assert {str(each.reference): finalizers for each, finalizers in left.items()} == {"ClusterRole/held": ("example.com/hold",)}
    assert list(cluster.deleted) == [f"{ROLES}/held"]


def test_a_role_that_may_not_list_it_is_told_and_a_silent_server_is_an_error(cluster: Cluster, target: Target, tmp_path: Path) -> None:
    cluster.statuses = {ROLES: 403}
    found = beside_state(StackState(is_empty=False), MARK, target)
    assert not found.objects
    assert "What a killed `up` made stays in the cluster." in str(found.unread)
    cluster.statuses = {ROLES: 503}
    with pytest.raises(UnreachableError):
        beside_state(StackState(is_empty=False), MARK, target)


def test_a_role_that_may_not_delete_it_is_refused_before_anything_goes(cluster: Cluster, target: Target) -> None:
    cluster.lists = {ROLES: [made("one"), made("two")], f"{ROOT}/services": [made("three", namespace="flux-system")]}
    stages = beside_state(StackState(is_empty=False), MARK, target).going(definitions_go=True)
    check_rights_beside(stages, target)
    assert sorted(cluster.asked) == [f"{ROOT}/services/three", f"{ROLES}/two"]
    cluster.statuses = {f"{ROLES}/two": 403}
    with pytest.raises(LiveError, match="Nothing was removed"):
        check_rights_beside(stages, target)
    assert cluster.deleted == []
