import asyncio
import base64
import string
from typing import Any

import pytest

from devcluster.providers.property_values import UNKNOWN, Secret, from_struct, has_unknown
from devcluster.providers.random.generate import MAKERS, SPECIAL, InputError, bcrypt
from devcluster.providers.random.provider import RandomProvider
from devcluster.providers.serving import ProviderError
from tests.devcluster.providers.fake_api import Request, SilentEngine

PASSWORD = "random:index/randomPassword:RandomPassword"
STRING = "random:index/randomString:RandomString"


def make(type_token: str, **inputs: Any) -> tuple[str, dict[str, Any]]:
    return MAKERS[type_token](inputs)


def call(method: str, request: Request) -> Any:
    return asyncio.run(getattr(RandomProvider(SilentEngine(), "1.2.3"), method)(request))


def test_a_password_is_secret_and_its_id_says_nothing() -> None:
    resource_id, outputs = make(PASSWORD, length=64, special=False)

    assert resource_id == "none"
    assert isinstance(outputs["result"], Secret)
    assert len(outputs["result"].value) == 64
    assert set(outputs["result"].value) <= set(string.ascii_letters + string.digits)
    assert [name for name, value in outputs.items() if isinstance(value, Secret)] == ["result", "bcryptHash"]


def test_a_string_is_its_own_id_as_with_the_real_plugin() -> None:
    resource_id, outputs = make(STRING, length=8)
    assert resource_id == outputs["result"]


def test_the_hash_of_a_password_is_bcrypt() -> None:
    hashed = bcrypt("password")
    assert hashed.startswith("$2b$10$")
    assert len(hashed) == 60
    assert bcrypt("password") != hashed


@pytest.mark.parametrize(
    ("inputs", "alphabet"),
    [
        ({}, string.ascii_letters + string.digits + SPECIAL),
        ({"special": False, "upper": False, "lower": False}, string.digits),
        ({"numeric": False, "special": False}, string.ascii_letters),
        ({"number": False, "special": False}, string.ascii_letters),
        ({"overrideSpecial": "_", "lower": False, "upper": False, "numeric": False}, "_"),
    ],
)
def test_only_the_allowed_characters_are_used(inputs: dict[str, Any], alphabet: str) -> None:
    made = "".join(make(STRING, length=300, **inputs)[0] for _ in range(3))
    assert set(made) <= set(alphabet)
    assert len(set(made)) > len(alphabet) * 0.9


def test_the_least_number_of_each_class_is_met() -> None:
    for _ in range(20):
        made, _ = make(STRING, length=6, minLower=1, minUpper=2, minNumeric=2, minSpecial=1)
        counts = [
            sum(character in group for character in made) for group in (string.ascii_lowercase, string.ascii_uppercase, string.digits)
        ]
        assert counts == [1, 2, 2]


def test_no_two_are_equal() -> None:
    assert len({make(STRING, length=16)[0] for _ in range(500)}) == 500


@pytest.mark.parametrize(
    ("type_token", "inputs", "told"),
    [
        (PASSWORD, {}, "length: a whole number of at least 1 is required"),
        (PASSWORD, {"length": 0}, "length: a whole number"),
        (PASSWORD, {"length": 2, "minUpper": 3}, "length: 2 is less than the sum"),
        (PASSWORD, {"length": 2, "upper": False, "lower": False, "numeric": False, "special": False}, "no class of characters"),
        ("random:index/randomInteger:RandomInteger", {"min": 5, "max": 1}, "max must not be less than min"),
    ],
)
def test_inputs_that_cannot_be_met_are_refused_in_the_preview(type_token: str, inputs: dict[str, Any], told: str) -> None:
    with pytest.raises(InputError, match=told):
        make(type_token, **inputs)
    (failure,) = call("check", Request(type_token, news=inputs)).failures
    assert failure.reason in told or told.partition(": ")[2] in failure.reason or told in failure.reason


def test_the_neighbours_have_the_ids_of_the_real_plugin() -> None:
    made_bytes, outputs = make("random:index/randomBytes:RandomBytes", length=16)
    assert base64.b64decode(made_bytes) == bytes.fromhex(outputs["hex"].value)
    made_id, outputs = make("random:index/randomId:RandomId", byteLength=8, prefix="p-")
    assert outputs["b64Url"] == f"p-{made_id}"
    assert int(outputs["dec"].removeprefix("p-")) == int(outputs["hex"].removeprefix("p-"), 16)
    integer, outputs = make("random:index/randomInteger:RandomInteger", min=3, max=3)
    assert (integer, outputs["result"]) == ("3", 3)
    uuid, outputs = make("random:index/randomUuid:RandomUuid")
    assert uuid == outputs["result"]
    _, outputs = make("random:index/randomShuffle:RandomShuffle", inputs=["a", "b"], resultCount=5)
    assert sorted(set(outputs["results"])) == ["a", "b"]
    assert len(outputs["results"]) == 5


def test_a_preview_makes_nothing() -> None:
    answer = call("create", Request(PASSWORD, properties={"length": 16}, preview=True))
    assert from_struct(answer.properties) == {"length": 16}


def test_a_secret_input_stays_secret() -> None:
    answer = call("create", Request(PASSWORD, properties={"length": 16, "keepers": {"k": "v"}, "overrideSpecial": Secret("_")}))
    outputs = from_struct(answer.properties)
    assert outputs["overrideSpecial"] == Secret("_")
    assert outputs["keepers"] == {"k": "v"}


@pytest.mark.parametrize(
    ("news", "changed"),
    [
        ({"length": 8}, []),
        ({"length": 9}, ["length"]),
        ({"length": 8, "keepers": {"a": "b"}}, ["keepers"]),
        ({"length": UNKNOWN}, ["length"]),
    ],
)
def test_every_changed_input_makes_a_new_value(news: dict[str, Any], changed: list[str]) -> None:
    answer = call("diff", Request(STRING, old_inputs={"length": 8}, news=news))
    assert list(answer.replaces) == changed


def test_what_the_stand_in_lacks_is_said_so() -> None:
    with pytest.raises(ProviderError, match="has no random:index/randomPet:RandomPet; it has RandomPassword, RandomString"):
        call("create", Request("random:index/randomPet:RandomPet", properties={}))
    (failure,) = call("check", Request(STRING, news={"length": 8, "seed": "s"})).failures
    assert failure.property == "seed"
    assert not has_unknown(from_struct(call("check", Request(STRING, news={"length": 8})).inputs))
