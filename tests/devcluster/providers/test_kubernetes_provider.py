import asyncio
import base64
import json
from collections.abc import Callable, Coroutine
from typing import Any

import httpx
import pytest

from devcluster.providers.kubernetes import operations
from devcluster.providers.serving import ProviderError
from devcluster.providers.values import UNKNOWN, Secret, from_struct, plain
from tests.devcluster.providers.fake_api import Answer, Request, accepts, provider, refusal

MAP = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "map", "namespace": "there"}, "data": {"key": "one"}}
THING = {"apiVersion": "example.com/v1", "kind": "Thing", "metadata": {"name": "thing"}, "spec": {"size": 3, "ratio": 1.5}}


def run(work: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(work)


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operations, "RETRY_SECONDS", (0, 0, 0, 0, 0))


def refusing(*answers: Answer) -> Callable[[httpx.Request], Answer]:
    left = list(answers)
    return lambda request: left.pop(0) if left else accepts(request)


def test_create_posts_the_object_and_integers_stay_integers() -> None:
    async def scenario() -> None:
        made, api, _ = await provider()
        answer = await made.create(Request("kubernetes:example.com/v1:Thing", "thing", properties=THING))
        (request,) = api.requests
        assert (request.method, request.url.path) == ("POST", "/apis/example.com/v1/things")
        spec = json.loads(request.content)["spec"]
        assert spec == THING["spec"]
        assert isinstance(spec["size"], int)
        assert answer.id == "thing"

    run(scenario())


def test_the_id_and_the_outputs_are_those_of_the_live_object() -> None:
    async def scenario() -> None:
        made, _, _ = await provider()
        answer = await made.create(Request(properties=MAP))
        outputs = from_struct(answer.properties)
        assert answer.id == "there/map"
        assert outputs["metadata"]["uid"] == "uid-1"
        assert outputs["__fieldManager"].startswith("pulumi-kubernetes-")
        assert outputs["__initialApiVersion"] == "v1"

    run(scenario())


def test_a_refused_create_carries_the_servers_message() -> None:
    async def scenario() -> None:
        made, _, _ = await provider(refusing(refusal(409, "AlreadyExists", 'configmaps "map" already exists')))
        with pytest.raises(ProviderError, match=r'resource there/map was not successfully created .* configmaps "map" already exists'):
            await made.create(Request(properties=MAP))

    run(scenario())


@pytest.mark.parametrize("reason", ["AlreadyExists", "Forbidden"])
def test_a_preview_swallows_what_the_real_plugin_swallows(reason: str) -> None:
    async def scenario() -> None:
        made, api, _ = await provider(refusing(refusal(409 if reason == "AlreadyExists" else 403, reason, "no")))
        answer = await made.create(Request(properties=MAP, preview=True))
        assert from_struct(answer.properties) == MAP
        assert answer.id == ""
        assert api.requests[0].url.params["dryRun"] == "All"

    run(scenario())


def test_a_preview_shows_that_the_server_finds_an_object_invalid() -> None:
    async def scenario() -> None:
        made, _, _ = await provider(refusing(refusal(422, "Invalid", "data: Invalid value")))
        with pytest.raises(ProviderError, match="data: Invalid value"):
            await made.create(Request(properties=MAP, preview=True))

    run(scenario())


def test_a_preview_of_an_unknown_kind_or_value_asks_nobody() -> None:
    async def scenario() -> None:
        made, api, _ = await provider()
        for properties in ({**MAP, "data": {"key": UNKNOWN}}, {**MAP, "apiVersion": "none.example.com/v1", "kind": "None"}):
            answer = await made.create(Request(properties=properties, preview=True))
            assert from_struct(answer.properties) == properties
        assert not api.requests

    run(scenario())


def test_a_missing_namespace_or_kind_is_tried_again_five_times() -> None:
    async def scenario() -> None:
        missing = refusal(404, "NotFound", 'namespaces "there" not found', "namespaces")
        made, api, engine = await provider(refusing(*[missing] * 5))
        assert (await made.create(Request(properties=MAP))).id == "there/map"
        assert len(api.requests) == 6
        assert any("trying again" in message for message in engine.messages)
        made, api, _ = await provider(refusing(*[missing] * 6))
        with pytest.raises(ProviderError, match='namespaces "there" not found'):
            await made.create(Request(properties=MAP))

    run(scenario())


def test_a_kind_that_never_comes_is_told_apart() -> None:
    async def scenario() -> None:
        made, _, _ = await provider(lambda _: (404, {}))
        lost = {**THING, "apiVersion": "none.example.com/v1"}
        with pytest.raises(ProviderError, match="Verify that any required CRDs have been created"):
            await made.create(Request("kubernetes:none.example.com/v1:Thing", "thing", properties=lost))

    run(scenario())


def test_upsert_applies_instead_of_creating() -> None:
    async def scenario() -> None:
        made, api, _ = await provider(upsertExistingObjects="true")
        await made.create(Request(properties=MAP))
        (request,) = api.requests
        assert (request.method, request.url.path) == ("PATCH", "/api/v1/namespaces/there/configmaps/map")
        assert request.headers["Content-Type"] == "application/apply-patch+yaml"
        assert request.url.params["force"] == "false"

    run(scenario())


def test_an_update_takes_over_what_its_create_owned_and_then_applies() -> None:
    def answer(request: httpx.Request) -> Answer:
        if request.method == "GET":
            entry = {"manager": "pulumi-kubernetes", "operation": "Update", "apiVersion": "v1", "fieldsV1": {"f:data": {"f:key": {}}}}
            foreign = {"manager": "kustomize-controller", "operation": "Apply", "fieldsV1": {"f:data": {"f:other": {}}}}
            return 200, {**MAP, "metadata": {**MAP["metadata"], "resourceVersion": "7", "managedFields": [entry, foreign]}}  # type: ignore[dict-item]
        return (200, MAP) if "json-patch" in request.headers["Content-Type"] else accepts(request)

    async def scenario() -> None:
        made, api, _ = await provider(answer)
        olds = {**MAP, "__fieldManager": "pulumi-kubernetes-abc"}
        answered = await made.update(Request(id="there/map", olds=olds, news=MAP))
        adopting, applying = (request for request in api.requests if request.method == "PATCH")
        managed = json.loads(adopting.content)[0]["value"]
        assert [(entry["manager"], entry["operation"]) for entry in managed] == [
            ("pulumi-kubernetes-abc", "Apply"),
            ("kustomize-controller", "Apply"),
        ], "the fields of another controller are not ours to take"
        assert applying.url.params["fieldManager"] == "pulumi-kubernetes-abc"
        assert applying.url.params["force"] == "false"
        assert from_struct(answered.properties)["__fieldManager"] == "pulumi-kubernetes-abc"

    run(scenario())


def test_check_fills_in_version_kind_name_and_the_contexts_namespace() -> None:
    async def scenario() -> None:
        made, _, _ = await provider()
        checked = from_struct((await made.check(Request(name="nameless", news={"data": {"a": "b"}}))).inputs)
        assert (checked["apiVersion"], checked["kind"]) == ("v1", "ConfigMap")
        assert checked["metadata"]["namespace"] == "from-context"
        name = checked["metadata"]["name"]
        assert name.startswith("nameless-")
        assert len(name) == len("nameless-") + 8
        again = await made.check(Request(name="nameless", news={"data": {"a": "b"}}, olds=checked, seed=b"another"))
        assert from_struct(again.inputs)["metadata"]["name"] == name, "the generated name stays for as long as the object"
        thing = from_struct((await made.check(Request("kubernetes:example.com/v1:Thing", "thing", news=THING))).inputs)
        assert "namespace" not in thing["metadata"], "the server says that things live outside namespaces"

    run(scenario())


def test_the_contents_of_a_secret_come_back_secret_although_they_were_sent_plain() -> None:
    async def scenario() -> None:
        made, _, _ = await provider()
        news = {"metadata": {"name": "s", "namespace": "there"}, "stringData": {"key": "value"}}
        checked = await made.check(Request("kubernetes:core/v1:Secret", "s", news=news))
        assert isinstance(from_struct(checked.inputs)["stringData"], Secret)
        created = from_struct(
            (await made.create(Request("kubernetes:core/v1:Secret", "s", properties=from_struct(checked.inputs)))).properties
        )
        assert isinstance(created["stringData"], Secret)

    run(scenario())


def test_a_secret_value_of_any_object_stays_secret_an_array_as_a_whole() -> None:
    async def scenario() -> None:
        made, _, _ = await provider()
        thing = {**THING, "spec": {"password": Secret("a"), "size": 1, "list": [{"password": Secret("b")}]}}
        outputs = from_struct((await made.create(Request("kubernetes:example.com/v1:Thing", properties=thing))).properties)
        assert outputs["spec"] == {"password": Secret("a"), "size": 1, "list": Secret([{"password": "b"}])}

    run(scenario())


def test_no_error_repeats_a_secret_in_plain_or_in_base64() -> None:
    value = "a-secret-value"
    encoded = base64.b64encode(value.encode()).decode()

    async def scenario() -> None:
        made, _, _ = await provider()
        request = Request(properties={**MAP, "data": {"key": Secret(value)}})
        shown = made.redacted(f'Invalid value: "{value}" ({encoded}) in key', request)
        assert shown == 'Invalid value: "[secret]" ([secret]) in key'
        stored = {"apiVersion": "v1", "kind": "Secret", "data": {"key": encoded}}
        assert made.redacted(value, Request(properties=stored)) == "[secret]"

    run(scenario())


def test_an_unreachable_cluster_previews_with_one_warning_and_refuses_the_rest() -> None:
    def nobody(_: httpx.Request) -> Answer:
        raise httpx.ConnectError("connection refused")

    async def scenario() -> None:
        made, api, engine = await provider(nobody)
        made, api, engine = await provider(nobody, kubeconfig="current-context: none")
        assert not api.requests
        for _ in range(3):
            assert plain(from_struct((await made.create(Request(properties=MAP, preview=True))).properties)) == MAP
        assert len([message for message in engine.messages if "unreachable" in message]) == 1
        for call in (made.create(Request(properties=MAP)), made.update(Request(news=MAP)), made.read(Request()), made.delete(Request())):
            with pytest.raises(ProviderError, match="unreachable"):
                await call

    run(scenario())


def test_an_absent_object_is_deleted_already_and_gone_on_read() -> None:
    async def scenario() -> None:
        made, _, _ = await provider(lambda _: refusal(404, "NotFound", "not found"))
        await made.delete(Request(id="there/map", properties=MAP))
        assert (await made.read(Request(id="there/map", properties=MAP, inputs=MAP))).id == ""

    run(scenario())


def test_a_read_shows_drift_in_the_inputs_and_nothing_that_others_added() -> None:
    live = {**MAP, "data": {"key": "drifted", "theirs": "yes"}, "metadata": {**MAP["metadata"], "uid": "1", "labels": {"a": "b"}}}  # type: ignore[dict-item]

    async def scenario() -> None:
        made, _, _ = await provider(lambda _: (200, live))
        answer = await made.read(Request(id="there/map", properties=MAP, inputs=MAP))
        assert from_struct(answer.inputs) == {**MAP, "data": {"key": "drifted"}}
        assert from_struct(answer.properties)["data"] == live["data"]

    run(scenario())


def test_deletion_is_in_the_foreground_unless_an_annotation_says_otherwise() -> None:
    async def policy(annotations: dict[str, str]) -> str:
        seen: list[str] = []

        def answer(request: httpx.Request) -> Answer:
            if request.method == "DELETE":
                seen.append(json.loads(request.content)["propagationPolicy"])
                return refusal(404, "NotFound", "gone")
            return 200, {**MAP, "metadata": {**MAP["metadata"], "uid": "1"}}  # type: ignore[dict-item]

        made, _, _ = await provider(answer)
        state = {**MAP, "metadata": {**MAP["metadata"], "annotations": annotations}}  # type: ignore[dict-item]
        await made.delete(Request(id="there/map", properties=state))
        return seen[0]

    assert run(policy({})) == "Foreground"
    assert run(policy({"pulumi.com/deletionPropagationPolicy": "orphan"})) == "Orphan"


@pytest.mark.parametrize("type_token", ["kubernetes:helm.sh/v3:Release", "kubernetes:core/v1:ConfigMapPatch", "kubernetes:core/v1:PodList"])
def test_what_the_stand_in_lacks_is_said_so(type_token: str) -> None:
    async def scenario() -> None:
        made, _, _ = await provider()
        with pytest.raises(ProviderError, match=f"the stand-in Kubernetes provider has no {type_token}"):
            await made.check(Request(type_token, news={}))

    run(scenario())


def test_a_kind_whose_group_begins_like_a_module_of_the_sdk_is_an_object_all_the_same() -> None:
    async def scenario() -> None:
        made, _, _ = await provider()
        for type_token in ("kubernetes:kustomize.toolkit.fluxcd.io/v1:Kustomization", "kubernetes:helm.toolkit.fluxcd.io/v2:HelmRelease"):
            checked = await made.check(Request(type_token, news={"metadata": {"name": "x", "namespace": "y"}}))
            assert from_struct(checked.inputs)["kind"] == type_token.rpartition(":")[2]

    run(scenario())


def test_a_server_that_asks_for_patience_gets_it() -> None:
    busy = httpx.Response(429, json=refusal(429, "TooManyRequests", "storage is (re)initializing")[1], headers={"Retry-After": "0"})

    async def scenario() -> None:
        made, api, _ = await provider()
        answers = [busy, busy]
        usual = api.respond
        api.respond = lambda request: answers.pop() if answers else usual(request)
        assert (await made.create(Request(properties=MAP))).id == "there/map"
        assert not answers

    run(scenario())


def test_a_kind_that_is_not_there_is_asked_for_once_in_a_preview_of_many() -> None:
    async def scenario() -> None:
        made, api, _ = await provider()
        for number in range(20):
            properties = {"apiVersion": "none.example.com/v1", "kind": "None", "metadata": {"name": f"n{number}"}}
            await made.create(Request("kubernetes:none.example.com/v1:None", properties=properties, preview=True))
        assert api.discoveries == ["/apis/none.example.com/v1"]

    run(scenario())


@pytest.mark.parametrize(
    "unknown", [{"metadata": UNKNOWN}, {"metadata": {"name": "map", "annotations": UNKNOWN}}, {"stringData": Secret(UNKNOWN)}]
)
def test_a_preview_goes_on_where_whole_parts_are_not_known_yet(unknown: dict[str, Any]) -> None:
    async def scenario() -> None:
        made, _, _ = await provider()
        old: dict[str, Any] = {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": "map", "namespace": "x"},
            "stringData": {"a": "b"},
        }
        request = Request("kubernetes:core/v1:Secret", news={**old, **unknown}, olds=old, old_inputs=old)
        checked = from_struct((await made.check(request)).inputs)
        answer = await made.diff(Request("kubernetes:core/v1:Secret", news=checked, olds={**old, "data": {"a": "Yg=="}}, old_inputs=old))
        assert list(answer.detailedDiff)

    run(scenario())
