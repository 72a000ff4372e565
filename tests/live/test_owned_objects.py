"""What is asked of an API server to know whose objects are, and what is written to become their owner."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from flux.object_reference import ObjectReference
from live.access.target import find_target
from live.client.object_metadata import FieldEntry, LiveMetadata
from live.errors import LiveError
from live.ownership.owned_objects import OwnedObjects
from live.ownership.wanted_objects import WantedObject
from live.stored_versions import StoredDefinition
from tests.any_server import Answer, AnyServer, Request, any_server
from tests.gitops.api_server import write_kubeconfig

ONE = WantedObject("v1", "secrets", ObjectReference("Secret", "flux-system", "one"))
TWO = WantedObject("v1", "secrets", ObjectReference("Secret", "flux-system", "two"))
SPACE = WantedObject("v1", "namespaces", ObjectReference("Namespace", "", "flux-system"))
SECRETS = "/api/v1/namespaces/flux-system/secrets"


def answered(document: Any, status: int = 200) -> Answer:
    return Answer(status=status, body=json.dumps(document).encode())


def status(code: int, message: str = "") -> Answer:
    return answered({"kind": "Status", "message": message}, code)


def item(name: str, version: str = "1", manager: str = "flux") -> dict[str, Any]:
    fields = {"manager": manager, "operation": "Apply", "apiVersion": "v1", "fieldsType": "FieldsV1", "fieldsV1": {"f:data": {}}}
    return {"metadata": {"name": name, "namespace": "flux-system", "resourceVersion": version, "managedFields": [fields]}}


def asking(folder: Path, work: Callable[[OwnedObjects, AnyServer], Any], answer: Callable[[Request], Answer]) -> Any:
    with any_server(answer) as server:
        owned = OwnedObjects(find_target(write_kubeconfig(folder / "config", f"http://{server.address}"), None))
        try:
            return work(owned, server)
        finally:
            owned.close()


def test_one_list_tells_of_every_object_of_a_kind_and_nothing_but_metadata_is_asked_for(tmp_path: Path) -> None:
    def answer(request: Request) -> Answer:
        path = urlsplit(request.path).path
        if path == SECRETS:
            return answered({"metadata": {}, "items": [item("one"), item("of-somebody-else")]})
        return answered(item("flux-system")) if path == "/api/v1/namespaces/flux-system" else status(404)

    def work(owned: OwnedObjects, server: AnyServer) -> None:
        found = owned.find([ONE, TWO, SPACE])
        assert set(found) == {ONE.reference, SPACE.reference}
        assert sorted(urlsplit(each.path).path for each in server.requests) == ["/api/v1/namespaces/flux-system", SECRETS]
        assert all("PartialObjectMetadata" in each.headers["accept"] for each in server.requests)

    asking(tmp_path, work, answer)


def test_a_kind_that_is_not_there_has_no_objects_and_an_empty_list_no_items(tmp_path: Path) -> None:
    definition = WantedObject("source.toolkit.fluxcd.io/v1", "gitrepositories", ObjectReference("GitRepository", "flux-system", "a"))

    def answer(request: Request) -> Answer:
        return answered({"metadata": {}, "items": None}) if request.path.startswith(SECRETS) else status(404)

    assert asking(tmp_path, lambda owned, _: owned.find([ONE, definition, SPACE]), answer) == {}


def test_every_page_of_a_list_is_read(tmp_path: Path) -> None:
    def answer(request: Request) -> Answer:
        is_second = "continue=next" in request.path
        return answered({"metadata": {} if is_second else {"continue": "next"}, "items": [item("two" if is_second else "one")]})

    assert set(asking(tmp_path, lambda owned, _: owned.find([ONE, TWO]), answer)) == {ONE.reference, TWO.reference}


def test_a_server_that_has_just_been_given_a_kind_is_asked_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("live.ownership.owned_objects.time.sleep", lambda _: None)
    answers = [status(429, "storage is (re)initializing"), answered({"metadata": {}, "items": [item("one")]})]

    assert set(asking(tmp_path, lambda owned, _: owned.find([ONE]), lambda _: answers.pop(0))) == {ONE.reference}


@pytest.mark.parametrize("code", [401, 403, 500])
def test_a_refusal_is_told_with_what_to_ask_for(tmp_path: Path, code: int) -> None:
    with pytest.raises(LiveError) as caught:
        asking(tmp_path, lambda owned, _: owned.find([ONE]), lambda _: status(code, "secrets is forbidden"))

    if code == 403:
        assert "refuses: secrets is forbidden" in str(caught.value)
        assert "auth can-i --list" in str(caught.value)


def metadata(found: dict[str, Any]) -> LiveMetadata:
    return LiveMetadata.model_validate(found["metadata"])


def test_fields_are_taken_with_one_patch_that_names_the_version_that_was_read(tmp_path: Path) -> None:
    def work(owned: OwnedObjects, server: AnyServer) -> None:
        assert owned.take_fields({ONE: (metadata(item("one", "7")), "flux"), TWO: (metadata(item("two", manager="curl")), "ours")}) == 1
        (patch,) = server.requests
        assert (patch.method, patch.path) == ("PATCH", f"{SECRETS}/one")
        assert patch.headers["content-type"] == "application/json-patch+json"
        managers, version = json.loads(patch.body)
        assert [each["manager"] for each in managers["value"]] == ["gitops.daviestechlabs.io"]
        assert version["value"] == "7"

    asking(tmp_path, work, lambda _: answered(item("one")))


def test_who_writes_in_between_is_read_again_before_the_next_attempt(tmp_path: Path) -> None:
    seen: list[str] = []

    def answer(request: Request) -> Answer:
        seen.append(request.method)
        if request.method == "GET":
            return answered(item("one", "8"))
        return status(409) if json.loads(request.body)[1]["value"] == "7" else answered(item("one"))

    taken = asking(tmp_path, lambda owned, _: owned.take_fields({ONE: (metadata(item("one", "7")), "flux")}), answer)

    assert taken == 1
    assert seen == ["PATCH", "GET", "PATCH"]


def test_what_is_gone_meanwhile_has_no_fields(tmp_path: Path) -> None:
    assert asking(tmp_path, lambda owned, _: owned.take_fields({ONE: (metadata(item("one")), "flux")}), lambda _: status(404)) == 0


def test_an_entry_goes_back_as_it_came() -> None:
    written = item("one")["metadata"]["managedFields"][0] | {"time": "2026-11-27T12:00:00Z"}

    assert FieldEntry.model_validate(written).as_written() == written


@pytest.mark.thorough
def test_hundreds_of_objects_are_taken_over_in_one_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first `up` after a version of this program that had other field managers takes every object."""
    monkeypatch.setattr("live.client.bounded_client.MOST_REQUESTS", 9)
    many = [WantedObject("v1", "secrets", ObjectReference("Secret", "flux-system", f"s{number}")) for number in range(20)]
    found = LiveMetadata.model_validate(item("one")["metadata"])

    def work(owned: OwnedObjects, _: AnyServer) -> int:
        owned.note_former_owners(dict.fromkeys(many, "flux"))
        return owned.take_fields(dict.fromkeys(many, (found, "flux")))

    assert asking(tmp_path, work, lambda _: answered(item("one"))) == 20


def test_the_cluster_is_known_by_the_uid_of_kube_system_if_this_role_may_see_it(tmp_path: Path) -> None:
    answers = {
        "/api/v1/namespaces/kube-system": answered({"metadata": {"name": "kube-system", "uid": "0b4f6e0e"}}),
    }

    def uid(answer: Callable[[Request], Answer]) -> Any:
        return asking(tmp_path, lambda owned, _: owned.cluster_uid(), answer)

    assert uid(lambda request: answers.get(urlsplit(request.path).path, status(500))) == "0b4f6e0e"
    assert uid(lambda _: status(403)) is None
    assert uid(lambda _: status(404)) is None
    with pytest.raises(LiveError):
        uid(lambda _: status(500))


def test_the_uid_is_written_on_the_namespace_under_a_name_that_the_next_apply_leaves_alone(tmp_path: Path) -> None:
    def work(owned: OwnedObjects, server: AnyServer) -> None:
        owned.note_cluster(SPACE, "0b4f6e0e")
        (request,) = server.requests
        assert "fieldManager=gitops.daviestechlabs.io%2Fcluster-uid" in request.path
        assert json.loads(request.body) == {"metadata": {"annotations": {"gitops.daviestechlabs.io/cluster-uid": "0b4f6e0e"}}}

    asking(tmp_path, work, lambda _: answered(item("flux-system")))


def test_what_a_selector_finds_is_listed_in_every_namespace(tmp_path: Path) -> None:
    kinds = [WantedObject("kustomize.toolkit.fluxcd.io/v1", "kustomizations", ObjectReference("Kustomization", "", ""))]
    kinds.append(WantedObject("source.toolkit.fluxcd.io/v1", "buckets", ObjectReference("Bucket", "", "")))
    queries: list[str] = []

    def answer(request: Request) -> Answer:
        parts = urlsplit(request.path)
        queries.append(f"{parts.path}?{parts.query}")
        if parts.path.endswith("/buckets"):
            return status(404)  # its CRD is not there yet
        return answered({"metadata": {}, "items": [{"metadata": {"name": "web", "namespace": "apps", "labels": {"a": "b"}}}]})

    found = asking(tmp_path, lambda owned, _: owned.labelled(kinds, "a in (b)"), answer)

    assert {reference: each.labels for reference, each in found.items()} == {ObjectReference("Kustomization", "apps", "web"): {"a": "b"}}
    assert sorted(queries) == [
        "/apis/kustomize.toolkit.fluxcd.io/v1/kustomizations?limit=500&labelSelector=a+in+%28b%29",
        "/apis/source.toolkit.fluxcd.io/v1/buckets?limit=500&labelSelector=a+in+%28b%29",
    ]


def test_what_is_beside_comes_with_the_same_lists_and_other_kinds_by_their_labels(tmp_path: Path) -> None:
    mark = "gitops.daviestechlabs.io/stack=gitops.dev"
    secrets = WantedObject("v1", "secrets", ObjectReference("Secret", "flux-system", ""))
    maps = WantedObject("v1", "configmaps", ObjectReference("ConfigMap", "flux-system", ""))

    def answer(request: Request) -> Answer:
        return answered({"metadata": {}, "items": [item("one"), item("beside")]})

    def work(owned: OwnedObjects, server: AnyServer) -> None:
        found, beside = owned.look([ONE], [secrets, maps], mark)
        assert [str(each) for each in found] == ["Secret/flux-system/one"]
        assert sorted(str(each) for each in beside) == [
            "ConfigMap/flux-system/beside",
            "ConfigMap/flux-system/one",
            "Secret/flux-system/beside",
        ]
        assert sorted(each.path.partition("?")[0] for each in server.requests) == [SECRETS.replace("secrets", "configmaps"), SECRETS]
        (labelled,) = [each.path for each in server.requests if "configmaps" in each.path]
        assert "labelSelector=gitops.daviestechlabs.io%2Fstack%3Dgitops.dev" in labelled

    asking(tmp_path, work, answer)


def test_whole_objects_are_read_one_by_one_and_what_is_none_is_left_out(tmp_path: Path) -> None:
    role = {"metadata": {"name": "flux-system"}, "rules": "none"}
    answers = {SPACE.path: answered(role), ONE.path: status(404), TWO.path: answered(["no object"])}

    found = asking(tmp_path, lambda owned, _: owned.bodies_of([SPACE, ONE, TWO]), lambda request: answers[urlsplit(request.path).path])

    assert found == {SPACE.reference: role}
    with pytest.raises(LiveError):
        asking(tmp_path, lambda owned, _: owned.bodies_of([SPACE]), lambda _: status(403))


def test_the_versions_that_managed_fields_name_are_read_of_every_object_in_any_namespace(tmp_path: Path) -> None:
    group = "notification.toolkit.fluxcd.io"
    alerts = StoredDefinition(
        name=f"alerts.{group}",
        kind="Alert",
        group=group,
        plural="alerts",
        versions=frozenset({"v1beta2", "v1beta3"}),
        storage="v1beta3",
        stored=("v1beta3",),
    )
    providers = replace(alerts, name=f"providers.{group}", kind="Provider", plural="providers")

    def alert(version: str) -> dict[str, Any]:
        return {"metadata": {"name": version, "managedFields": [{"manager": "x", "apiVersion": f"{group}/{version}"}]}}

    def answer(request: Request) -> Answer:
        path = urlsplit(request.path).path
        if path != f"/apis/{group}/v1beta3/alerts":
            return status(404)
        if "continue=" in request.path:
            return answered({"metadata": {}, "items": [alert("v1beta2")]})
        return answered({"metadata": {"continue": "next"}, "items": [alert("v1beta3")]})

    named = asking(tmp_path, lambda owned, _: owned.versions_in_fields([alerts, providers]), answer)

    assert named == {alerts.name: {"v1beta2", "v1beta3"}, providers.name: frozenset()}
    forbidden = asking(tmp_path, lambda owned, _: owned.versions_in_fields([alerts]), lambda _: status(403))
    assert forbidden == {alerts.name: frozenset()}, "the role of a preview may see less"
