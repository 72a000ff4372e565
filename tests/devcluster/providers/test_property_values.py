import pytest
from hypothesis import given
from hypothesis import strategies as st

from devcluster.providers.property_values import (
    SECRET_SIGNATURE,
    SIGNATURE_KEY,
    UNKNOWN,
    UNKNOWN_MARKS,
    Secret,
    from_struct,
    has_secret,
    has_unknown,
    plain,
    secret_texts,
    to_struct,
)

LEAVES = st.one_of(st.booleans(), st.integers(-(2**53), 2**53), st.text(), st.just(UNKNOWN))
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(st.lists(inner), st.dictionaries(st.text().filter(lambda key: key != SIGNATURE_KEY), inner), inner.map(Secret)),
)


@pytest.mark.thorough
@given(st.dictionaries(st.text().filter(lambda key: key != SIGNATURE_KEY), VALUES))
def test_properties_survive_the_way_to_the_engine_and_back(properties: dict[str, object]) -> None:
    assert from_struct(to_struct(properties)) == properties


def test_whole_numbers_are_integers_and_others_stay_fractions() -> None:
    read = from_struct(to_struct({"whole": 3.0, "fraction": 1.5, "huge": 2.0**70}))

    assert [type(read[key]) for key in ("whole", "fraction", "huge")] == [int, float, float]


def test_booleans_are_no_numbers() -> None:
    assert from_struct(to_struct({"yes": True, "one": 1})) == {"yes": True, "one": 1}
    assert from_struct(to_struct({"yes": True}))["yes"] is True


def test_every_mark_of_the_engine_for_what_is_not_known_yet_is_unknown() -> None:
    assert all(value is UNKNOWN for value in from_struct(to_struct({mark: mark for mark in UNKNOWN_MARKS})).values())


def test_a_secret_is_wrapped_the_way_the_engine_encrypts() -> None:
    wrapped = to_struct({"password": Secret("hidden")}).fields["password"].struct_value.fields

    assert wrapped[SIGNATURE_KEY].string_value == SECRET_SIGNATURE
    assert wrapped["value"].string_value == "hidden"


def test_a_secret_shows_itself_neither_in_repr_nor_in_text() -> None:
    assert "hidden" not in f"{Secret('hidden')} {Secret('hidden')!r} { {'a': [Secret('hidden')]} }"


def test_what_lies_in_a_secret_is_found() -> None:
    nested = {"a": [Secret({"b": ["one", 2, Secret("two")]})], "c": "plain"}

    assert list(secret_texts(nested)) == ["one", "two"]
    assert plain(nested) == {"a": [{"b": ["one", 2, "two"]}], "c": "plain"}
    assert has_secret(nested)
    assert not has_secret(plain(nested))
    assert has_unknown({"a": [Secret({"b": UNKNOWN})]})


def test_an_asset_is_refused() -> None:
    asset = to_struct({"file": {SIGNATURE_KEY: "c44067f5952c0a294b673a41bacd8c17", "path": "x"}})

    with pytest.raises(ValueError, match="an asset, archive or resource"):
        from_struct(asset)
