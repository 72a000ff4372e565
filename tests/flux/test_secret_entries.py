"""What a Secret holds, as its data has it."""

from base64 import b64encode

from flux.secret_entries import text_entries


def test_entries_that_are_no_text_are_left_out() -> None:
    data = {"text": b64encode(b"a value").decode(), "bytes": b64encode(b"\xff\xfe").decode(), "broken": "%%%"}

    assert text_entries(data) == {"text": "a value"}
