"""The client of every server but the API server. Imported where it is needed: it costs a tenth of a second."""

from typing import Any

import httpx


class InvalidProxy(httpx.TransportError):
    """A variable such as HTTPS_PROXY holds no address of a proxy."""


def http_client(**options: Any) -> httpx.Client:
    """A client that goes through the proxies of the environment. `options`: of `httpx.Client`.

    Raises:
        InvalidProxy: a proxy of the environment has no address that httpx takes.
    """
    try:
        return httpx.Client(**options)
    except (ValueError, httpx.InvalidURL) as error:
        raise InvalidProxy("HTTPS_PROXY, HTTP_PROXY or ALL_PROXY is not the address of a proxy") from error
