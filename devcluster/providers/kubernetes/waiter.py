"""Waiting for an object to become ready, or to be gone: by watching it, for a bounded time, until the engine cancels."""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing
from typing import Any

from devcluster.providers.kubernetes import objects
from devcluster.providers.kubernetes.api_client import Api, ApiError, ApiUnreachableError
from devcluster.providers.kubernetes.objects import Object
from devcluster.providers.kubernetes.readiness import ReadinessCheck, Verdict
from devcluster.providers.kubernetes.served_kinds import Mapping as KindMapping

DEFAULT_SECONDS = 600.0
SERVICE_SETTLES_SECONDS = 10.0
PAUSE_SECONDS = 1.0
WATCH_SECONDS = 240.0

Reporter = Callable[[str], Awaitable[None]]


class CancelledWaitError(Exception):
    """The engine asked to stop."""


class WaitTimeoutError(Exception):
    """The time was up; what was still missing."""

    def __init__(self, reasons: tuple[str, ...]) -> None:
        super().__init__("; ".join(reasons))
        self.reasons = reasons


def seconds_to_wait(requested: float, obj: Mapping[str, Any]) -> float:
    """The bound: `customTimeouts`, else the annotation, else ten minutes."""
    if requested > 0:
        return requested
    annotated = objects.annotation(obj, objects.TIMEOUT_SECONDS)
    return float(annotated) if annotated.isdigit() and int(annotated) > 0 else DEFAULT_SECONDS


class Waiter:
    """Waits on objects of one API server."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._cancelled = asyncio.Event()

    def cancel(self) -> None:
        """End every wait, those to come as well."""
        self._cancelled.set()

    async def pause(self, seconds: float) -> None:
        """Sleep, unless cancelled."""
        await self._unless_cancelled(asyncio.sleep(seconds), seconds + 60)

    async def ready(self, live: Object, mapping: KindMapping, check: ReadinessCheck, seconds: float, report: Reporter) -> None:
        """Return once `check` is content."""
        verdict = Verdict(False)

        async def until_ready() -> None:
            nonlocal verdict
            async with aclosing(self._versions(live, mapping)) as versions:
                async for current in versions:
                    if current is None:
                        raise WaitTimeoutError(("it was deleted while it was waited for",))
                    verdict = check(current)
                    if verdict.ready:
                        return
                    await report(verdict.reasons[0] if verdict.reasons else "waiting")

        try:
            await self._unless_cancelled(until_ready(), seconds)
        except TimeoutError:
            raise WaitTimeoutError((f"timed out after {seconds:g} s", *verdict.reasons)) from None

    async def service(self, live: Object, mapping: KindMapping, seconds: float, report: Reporter) -> None:
        """The real plugin's way with a Service: ten seconds for its endpoints to settle, and then until there are any."""
        spec = live.get("spec") or {}
        wants_endpoints = spec.get("type") != "ExternalName" and bool(spec.get("selector"))
        namespace, name = objects.namespace_of(live), objects.name_of(live)
        started = time.monotonic()

        async def until_served() -> None:
            await report("waiting for its endpoints to settle")
            await asyncio.sleep(SERVICE_SETTLES_SECONDS)
            while wants_endpoints and not await self._has_endpoints(namespace, name):
                await report("it has no ready endpoints: no pod matches its selector, or none is ready")
                await asyncio.sleep(PAUSE_SECONDS)
            while spec.get("type") == "LoadBalancer" and not await self._has_address(mapping, namespace, name):
                await report("its load balancer has no address yet")
                await asyncio.sleep(PAUSE_SECONDS)

        try:
            await self._unless_cancelled(until_served(), seconds)
        except TimeoutError:
            waited = time.monotonic() - started
            raise WaitTimeoutError((f"timed out after {waited:.0f} s", "it has no ready endpoints, or no address")) from None

    async def gone(self, live: Object, mapping: KindMapping, seconds: float, report: Reporter) -> None:
        """Return once `live` no longer exists."""
        uid = live["metadata"].get("uid")
        left: Object = live

        async def until_gone() -> None:
            nonlocal left
            async with aclosing(self._versions(live, mapping)) as versions:
                async for current in versions:
                    if current is None or current["metadata"].get("uid") != uid:
                        return
                    left = current
                    await report(_why_still_there(left))

        try:
            await self._unless_cancelled(until_gone(), seconds)
        except TimeoutError:
            raise WaitTimeoutError((f"timed out after {seconds:g} s", _why_still_there(left))) from None

    async def _unless_cancelled(self, work: Any, seconds: float) -> None:
        task = asyncio.ensure_future(work)
        cancelled = asyncio.ensure_future(self._cancelled.wait())
        try:
            done, _ = await asyncio.wait({task, cancelled}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            if task in done:
                task.result()
                return
            if cancelled in done:
                raise CancelledWaitError("cancelled")
            raise TimeoutError
        finally:
            for other in (task, cancelled):
                other.cancel()
            await asyncio.gather(task, cancelled, return_exceptions=True)

    async def _versions(self, live: Object, mapping: KindMapping) -> AsyncGenerator[Object | None, None]:
        """`live`, and every later version of it; None once it is gone."""
        namespace, name = objects.namespace_of(live), objects.name_of(live)
        current: Object | None = live
        while current is not None:
            yield current
            query = {"fieldSelector": f"metadata.name={name}", "resourceVersion": current["metadata"]["resourceVersion"]}
            try:
                async with self._api.watch(mapping.path(namespace), query, WATCH_SECONDS) as events:
                    async for event in events:
                        if event["type"] == "DELETED":
                            yield None
                            return
                        if event["type"] not in ("ADDED", "MODIFIED"):
                            break
                        yield event["object"]
            except (ApiError, ApiUnreachableError):
                await asyncio.sleep(PAUSE_SECONDS)
            current = await self._read(mapping.path(namespace, name), current)
        yield None

    async def _read(self, path: str, last_seen: Object) -> Object | None:
        try:
            return await self._api.request("GET", path)
        except ApiError as error:
            return None if error.code == 404 else last_seen
        except ApiUnreachableError:
            return last_seen

    async def _has_endpoints(self, namespace: str, name: str) -> bool:
        query = {"labelSelector": f"kubernetes.io/service-name={name}"}
        try:
            slices = await self._api.request("GET", f"/apis/discovery.k8s.io/v1/namespaces/{namespace}/endpointslices", query=query)
        except (ApiError, ApiUnreachableError):
            return False
        endpoints = [endpoint for item in slices.get("items") or [] for endpoint in item.get("endpoints") or []]
        return any((endpoint.get("conditions") or {}).get("ready", True) for endpoint in endpoints)

    async def _has_address(self, mapping: KindMapping, namespace: str, name: str) -> bool:
        live = await self._read(mapping.path(namespace, name), {})
        return bool((((live or {}).get("status") or {}).get("loadBalancer") or {}).get("ingress"))


def _why_still_there(live: Object) -> str:
    metadata = live["metadata"]
    if finalizers := [name for name in metadata.get("finalizers") or [] if name != "foregroundDeletion"]:
        return f"it still has finalizers, which some controller must remove: {', '.join(finalizers)}"
    return "it is still being deleted"
