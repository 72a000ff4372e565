import json

import httpx
import pytest

from devcluster.providers.kubernetes import operations
from devcluster.providers.property_values import UNKNOWN, from_struct
from devcluster.providers.serving import ProviderError
from tests.devcluster.providers.fake_api import KINDS, MAP, THING, Answer, Request, accepts, provider, refusal, refusing, run


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operations, "RETRY_SECONDS", (0, 0, 0, 0, 0))


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


def test_a_kind_that_another_provider_defined_meanwhile_is_found_without_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario() -> None:
        made, _, engine = await provider()
        await made.create(Request("kubernetes:example.com/v1:Thing", properties=THING))
        defined = [*KINDS["/apis/example.com/v1"], ("gadgets", "Gadget", False)]
        monkeypatch.setitem(KINDS, "/apis/example.com/v1", defined)
        gadget = {"apiVersion": "example.com/v1", "kind": "Gadget", "metadata": {"name": "gadget"}}
        assert (await made.create(Request("kubernetes:example.com/v1:Gadget", properties=gadget))).id == "gadget"
        assert engine.messages == [], "it was not tried again after a pause"

    run(scenario())
