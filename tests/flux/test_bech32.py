"""Bech32: what is encoded is decoded, and nothing else is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flux.keys.bech32 import ALPHABET, decode, encode

PREFIXES = st.sampled_from(["age", "age1pq", "age-secret-key-", "age1yubikey"])


@given(PREFIXES, st.binary(max_size=1300))
def test_what_is_encoded_is_decoded(prefix: str, payload: bytes) -> None:
    assert decode(encode(prefix, payload)) == (prefix, payload)
    assert decode(encode(prefix, payload).upper()) == (prefix, payload)


@given(PREFIXES, st.binary(min_size=1, max_size=40), st.data())
def test_one_wrong_letter_is_noticed(prefix: str, payload: bytes, data: st.DataObject) -> None:
    text = encode(prefix, payload)
    position = data.draw(st.integers(len(prefix) + 1, len(text) - 1))
    letter = data.draw(st.sampled_from([each for each in ALPHABET if each != text[position]]))

    with pytest.raises(ValueError, match="the checksum does not match"):
        decode(text[:position] + letter + text[position + 1 :])


@pytest.mark.parametrize("text", ["", "1", "age1", "age1qqqqq", "AGE1qqqqqqqq", "age1bbbbbbbb", "nothing", "age1 qqqqqqq"])
def test_what_is_no_bech32_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not Bech32"):
        decode(text)


@pytest.mark.parametrize("text", ["A12UEL5L", "a12uel5l", "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw"])
def test_the_valid_examples_of_bip_173_are_taken(text: str) -> None:
    assert decode(text)[0] in ("a", "abcdef")
