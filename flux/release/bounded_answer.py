"""One answer over HTTP, of which no more than a bound is ever in memory, and which takes no longer than a bound."""

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx

CLIENT = "gitops"
"""How servers see this program."""
HEADERS = {"Accept-Encoding": "identity", "User-Agent": CLIENT}
"""Compressed answers are not asked for: a bound holds for what arrives, not for what comes of it."""


class TooLargeError(Exception):
    """More than the bound arrived."""


class TooSlowError(Exception):
    """The answer did not end in time, however steadily it dripped."""


def received(
    client: "httpx.Client", method: str, url: str, *, largest: int, seconds: float, **more: Any
) -> tuple[int, Mapping[str, str], bytes]:
    """Status, headers and content. Raises TooLargeError, TooSlowError, and what httpx raises."""
    until = time.monotonic() + seconds
    with client.stream(method, url, **more) as response:
        content = bytearray()
        # As it arrives: with a size it would wait for that much, and the clock would not be looked at.
        for chunk in response.iter_raw():
            content += chunk
            if len(content) > largest:
                raise TooLargeError
            if time.monotonic() > until:
                raise TooSlowError
        return response.status_code, response.headers, bytes(content)
