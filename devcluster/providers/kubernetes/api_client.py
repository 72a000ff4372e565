"""Talking to an API server: requests, its errors, and the rate at which it is asked."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx

from devcluster.providers.kubernetes.kubeconfig_target import KubeconfigTarget

CONNECT_SECONDS = 10.0
PATIENCE = 10
LATER = (429, 503)
LONGEST_PAUSE_SECONDS = 10.0
APPLY = "application/apply-patch+yaml"
JSON_PATCH = "application/json-patch+json"


class ApiError(Exception):
    """The API server refused; its own message and reason."""

    def __init__(self, status: Mapping[str, Any]) -> None:
        super().__init__(str(status.get("message") or status.get("reason") or f"HTTP status {status.get('code')}"))
        self.code = int(status.get("code") or 0)
        self.reason = str(status.get("reason") or "")
        self.details: Mapping[str, Any] = status.get("details") or {}

    @property
    def namespace_missing(self) -> bool:
        """Whether what was not found is the namespace rather than the object."""
        return self.code == 404 and self.details.get("kind") == "namespaces"


class ApiUnreachableError(Exception):
    """No answer from the API server."""


class Api:
    """One API server. Connections are kept and reused; requests start no faster than `qps`, after a first `burst`."""

    def __init__(
        self, target: KubeconfigTarget, *, qps: float, burst: int, timeout: float, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        headers = {"Accept": "application/json", "User-Agent": "gitops-stand-in-kubernetes-provider"}
        if token := target.bearer_token():
            headers["Authorization"] = f"Bearer {token}"
        self._client = httpx.AsyncClient(
            base_url=target.server,
            verify=target.tls() if target.server.startswith("https:") else False,
            trust_env=False,  # a proxy or CA bundle of the environment is none of this cluster's business
            headers=headers,
            timeout=httpx.Timeout(timeout, connect=min(timeout, CONNECT_SECONDS)),
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=64, keepalive_expiry=60),
            transport=transport,
        )
        self._server = target.server
        self._pace = _Pace(qps, burst)

    async def request(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        query: Mapping[str, str] | None = None,
        content_type: str = "application/json",
        seconds: float | None = None,
    ) -> dict[str, Any]:
        """The answer as JSON. Raises ApiError or ApiUnreachableError."""
        await self._pace.turn()
        timeout = httpx.USE_CLIENT_DEFAULT if seconds is None else httpx.Timeout(seconds)
        content = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": content_type} if content is not None else None
        for _ in range(PATIENCE):
            try:
                response = await self._client.request(method, path, params=query, content=content, headers=headers, timeout=timeout)
            except httpx.TransportError as error:
                raise self._unreachable(error) from None
            if response.status_code not in LATER or "Retry-After" not in response.headers:
                break
            # Too busy, or the storage of a new kind is just being set up.
            await asyncio.sleep(min(float(response.headers["Retry-After"]), LONGEST_PAUSE_SECONDS))
        return _answer(response.status_code, response.content)

    @asynccontextmanager
    async def watch(self, path: str, query: Mapping[str, str], seconds: float) -> AsyncIterator[AsyncIterator[dict[str, Any]]]:
        """Events of a watch that the server ends after `seconds`."""
        await self._pace.turn()
        query = {**query, "watch": "true", "timeoutSeconds": str(max(1, int(seconds)))}
        timeout = httpx.Timeout(CONNECT_SECONDS, read=seconds + CONNECT_SECONDS)
        try:
            async with self._client.stream("GET", path, params=query, timeout=timeout) as response:
                if response.status_code != 200:
                    _answer(response.status_code, await response.aread())
                yield _events(response)
        except httpx.TransportError as error:
            raise self._unreachable(error) from None

    def _unreachable(self, error: httpx.TransportError) -> ApiUnreachableError:
        return ApiUnreachableError(f"{self._server}: {error or type(error).__name__}")


async def _events(response: httpx.Response) -> AsyncIterator[dict[str, Any]]:
    async for line in response.aiter_lines():
        if line:
            yield json.loads(line)


def _answer(code: int, content: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(content) if content else {}
    except ValueError:
        answer = {}
    if not isinstance(answer, dict):
        answer = {}
    if code < 400:
        return answer
    if answer.get("kind") != "Status":
        # "404 page not found": there is no such group and version.
        answer = {"message": content[:200].decode(errors="replace").strip() or f"HTTP status {code}"}
    raise ApiError({**answer, "code": code})


class _Pace:
    def __init__(self, rate: float, burst: int) -> None:
        self._rate = rate
        self._burst = float(burst)
        self._allowance = float(burst)
        self._seen = time.monotonic()

    async def turn(self) -> None:
        if self._rate <= 0:
            return
        now = time.monotonic()
        self._allowance = min(self._burst, self._allowance + (now - self._seen) * self._rate) - 1
        self._seen = now
        if self._allowance < 0:
            await asyncio.sleep(-self._allowance / self._rate)
