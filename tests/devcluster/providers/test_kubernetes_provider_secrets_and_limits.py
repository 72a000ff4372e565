import base64
import json
from typing import Any

import httpx
import pytest

from devcluster.providers.kubernetes import operations
from devcluster.providers.property_values import UNKNOWN, Secret, from_struct, plain
from devcluster.providers.serving import ProviderError
from tests.devcluster.providers.fake_api import MAP, THING, Answer, Request, provider, refusal, run


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operations, "RETRY_SECONDS", (0, 0, 0, 0, 0))


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
