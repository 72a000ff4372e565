"""Talking to an API server: requests, its errors, and the rate at which it is asked. Every answer is bounded in size, depth and time."""

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx

from devcluster.providers.kubernetes.kubeconfig_target import KubeconfigTarget
from flux.bounded_documents import Bounds, UnreadableError, only_object
from flux.bounded_pieces import Pieces

CONNECT_SECONDS = 10.0
PATIENCE = 10
_SECONDS = re.compile(r"[0-9]{1,6}(\.[0-9]{1,6})?")
LATER = (429, 503)
LONGEST_PAUSE_SECONDS = 10.0
ANSWER_SECONDS = 60.0
"""For a whole answer, however steadily it drips."""
LARGEST_ANSWER = Bounds(size=16 * 1024 * 1024, levels=200)
"""etcd keeps no object larger than 1.5 MiB."""
MOST_VALUES = 500_000
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
        # Not compressed: a bound counts the bytes that arrive.
        headers = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "gitops-stand-in-kubernetes-provider"}
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
        self._answer_seconds = max(timeout, ANSWER_SECONDS)
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
        whole = self._answer_seconds if seconds is None else seconds
        content = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": content_type} if content is not None else None
        for _ in range(PATIENCE):
            try:
                async with (
                    asyncio.timeout(whole),
                    self._client.stream(method, path, params=query, content=content, headers=headers, timeout=timeout) as response,
                ):
                    received = await _received(response)
            except httpx.TransportError as error:
                raise self._unreachable(error) from None
            except TimeoutError:
                raise ApiUnreachableError(f"{self._server}: the answer to {path} takes longer than {whole:g} s") from None
            later = response.headers.get("Retry-After", "")
            if response.status_code not in LATER or not _SECONDS.fullmatch(later):
                break
            # Too busy, or the storage of a new kind is just being set up.
            await asyncio.sleep(min(float(later), LONGEST_PAUSE_SECONDS))
        return _answer(response.status_code, received)

    @asynccontextmanager
    async def watch(self, path: str, query: Mapping[str, str], seconds: float) -> AsyncIterator[AsyncIterator[dict[str, Any]]]:
        """Events of a watch that the server ends after `seconds`."""
        await self._pace.turn()
        query = {**query, "watch": "true", "timeoutSeconds": str(max(1, int(seconds)))}
        timeout = httpx.Timeout(CONNECT_SECONDS, read=seconds + CONNECT_SECONDS)
        try:
            async with self._client.stream("GET", path, params=query, timeout=timeout) as response:
                if response.status_code != 200:
                    async with asyncio.timeout(self._answer_seconds):
                        _answer(response.status_code, await _received(response))
                yield _events(response)
        except httpx.TransportError as error:
            raise self._unreachable(error) from None

    def _unreachable(self, error: httpx.TransportError) -> ApiUnreachableError:
        return ApiUnreachableError(f"{self._server}: {error or type(error).__name__}")


async def _received(response: httpx.Response) -> bytes:
    pieces = Pieces(LARGEST_ANSWER.size)
    try:
        async for piece in response.aiter_bytes():
            pieces.add(piece)
    except UnreadableError as error:
        raise _odd(response.status_code, error.wrong) from None
    return pieces.content


async def _events(response: httpx.Response) -> AsyncIterator[dict[str, Any]]:
    pieces = Pieces(LARGEST_ANSWER.size)
    try:
        async for piece in response.aiter_bytes():
            for line in pieces.lines(piece):
                yield _object(line)
        if pieces.content.strip():
            yield _object(pieces.content)
    except UnreadableError as error:
        raise _odd(response.status_code, error.wrong) from None


def _object(content: bytes) -> dict[str, Any]:
    return only_object(content, LARGEST_ANSWER, most_values=MOST_VALUES)


def _odd(code: int, wrong: str) -> ApiError:
    return ApiError({"code": code, "message": f"the answer of the API server {wrong}"})


def _answer(code: int, content: bytes) -> dict[str, Any]:
    try:
        answer, wrong = _object(content) if content else {}, ""
    except UnreadableError as error:
        answer, wrong = {}, error.wrong
    if code < 300:
        if wrong:
            raise _odd(code, wrong)
        return answer
    if wrong or answer.get("kind") != "Status":
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
