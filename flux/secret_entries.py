"""What a Secret holds, as its data has it."""

from base64 import b64decode
from collections.abc import Mapping
from contextlib import suppress


def text_entries(data: Mapping[str, str]) -> dict[str, str]:
    """Entry → value, of those that are text."""
    values = {}
    for entry, value in data.items():
        with suppress(ValueError):  # of base64 and of UTF-8
            values[entry] = b64decode(value, validate=True).decode()
    return values
