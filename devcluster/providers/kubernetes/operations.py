"""Create, update, delete and read one object on an API server."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from devcluster.providers.kubernetes import objects
from devcluster.providers.kubernetes.api_client import APPLY, JSON_PATCH, Api, ApiError
from devcluster.providers.kubernetes.field_managers import adopted, names_own_update
from devcluster.providers.kubernetes.objects import Object
from devcluster.providers.kubernetes.provider_settings import ProviderSettings
from devcluster.providers.kubernetes.readiness import SERVICE, check_for, longest_wait
from devcluster.providers.kubernetes.served_kinds import GroupVersionKind, Kinds, NoSuchKindError
from devcluster.providers.kubernetes.served_kinds import Mapping as KindMapping
from devcluster.providers.kubernetes.waiter import Reporter, Waiter, seconds_to_wait

CREATING_MANAGER = "pulumi-kubernetes"
RETRY_SECONDS = (1, 2, 4, 8, 16)
CONFLICT_HELP = "Server-Side Apply field conflict: another field manager owns fields that this stack sets"
KINDS_AWAITED_ON_DELETE_UNLESS_SKIPPED = frozenset(
    {
        *(GroupVersionKind("apps/v1", name) for name in ("Deployment", "StatefulSet", "DaemonSet")),
        *(GroupVersionKind("v1", name) for name in ("Namespace", "Pod", "ReplicationController")),
        GroupVersionKind("batch/v1", "Job"),
    }
)


@dataclass(frozen=True)
class Written:
    """An object as the API server has it now, and where."""

    live: Object
    mapping: KindMapping


class Operations:
    """What can be done with one object; every method may raise ApiError, UnreachableError or NoSuchKindError."""

    def __init__(self, api: Api, kinds: Kinds, waiter: Waiter, settings: ProviderSettings) -> None:
        self._api = api
        self._kinds = kinds
        self._waiter = waiter
        self._settings = settings

    async def create(self, obj: Object, manager: str, *, dry_run: bool, report: Reporter) -> Written:
        """Create; an existing object is an error, unless the provider may take it over.

        Where the kind or the namespace is not there yet it is tried again, up to 31 s in all; a preview does not wait.
        """
        for pause in (*RETRY_SECONDS, None):
            try:
                written = await self._create(obj, manager, dry_run=dry_run)
            except (NoSuchKindError, ApiError) as error:
                missing = isinstance(error, NoSuchKindError) or error.code == 404
                if dry_run or not missing or pause is None:
                    raise
                await report(f"creation failed, trying again in {pause} s: {error}")
                self._kinds.forget(objects.kind_of(obj).group)
                await self._waiter.pause(pause)
            else:
                if objects.is_definition(obj) and not dry_run:
                    self._kinds.forget(objects.defined_group(obj))
                return written
        raise AssertionError("unreachable")

    async def _create(self, obj: Object, manager: str, *, dry_run: bool) -> Written:
        mapping = await self._kinds.mapping(objects.kind_of(obj))
        obj = _placed(obj, mapping)
        query = _query(dry_run)
        if self._settings.upsert_existing:
            return await self._apply(obj, mapping, manager, force=dry_run or self._forces(obj), dry_run=dry_run)
        query["fieldManager"] = CREATING_MANAGER
        path = mapping.path(objects.namespace_of(obj))
        return Written(await self._api.request("POST", path, body=obj, query=query), mapping)

    async def update(self, obj: Object, name: str, manager: str, *, dry_run: bool) -> Written:
        """Apply the new inputs over the live object. A CustomResourceDefinition is replaced as a whole, as by `kubectl replace`."""
        mapping = await self._kinds.mapping(objects.kind_of(obj))
        obj = _placed(obj, mapping)
        path = mapping.path(objects.namespace_of(obj), name)
        live = await self._api.request("GET", path)
        if objects.is_definition(obj):
            obj["metadata"] = {**obj["metadata"], "resourceVersion": live["metadata"]["resourceVersion"]}
            query = {**_query(dry_run), "fieldManager": manager}
            written = await self._api.request("PUT", path, body=obj, query=query)
            if not dry_run:
                self._kinds.forget(objects.defined_group(obj))
            return Written(written, mapping)
        force = self._forces(obj)
        if dry_run:
            # In earnest the fields of a mere create are taken over first, which a dry run cannot do.
            force = force or names_own_update(live)
        elif patch := adopted(live, manager):
            await self._api.request("PATCH", path, body=patch, content_type=JSON_PATCH)
        return await self._apply(obj, mapping, manager, force=force, dry_run=dry_run)

    async def relinquish(self, written: Written, manager: str) -> None:
        """Give up the fields of a former manager of this resource, as the real plugin does once an update names another one.

        What only that manager owns leaves the object. The API server refuses where the rest would not be valid.
        """
        live = written.live
        place = {key: value for key, value in live["metadata"].items() if key in ("name", "namespace")}
        nothing = {"apiVersion": live["apiVersion"], "kind": live["kind"], "metadata": place}
        await self._apply(nothing, written.mapping, manager, force=False, dry_run=False)

    async def _apply(self, obj: Object, mapping: KindMapping, manager: str, *, force: bool, dry_run: bool) -> Written:
        query = {**_query(dry_run), "fieldManager": manager, "force": "true" if force else "false"}
        path = mapping.path(objects.namespace_of(obj), objects.name_of(obj))
        try:
            return Written(await self._api.request("PATCH", path, body=obj, query=query, content_type=APPLY), mapping)
        except ApiError as error:
            if error.code == 409 and error.reason == "Conflict":
                raise ApiError({"code": 409, "reason": "Conflict", "message": f"{CONFLICT_HELP}: {error}"}) from None
            raise

    def _forces(self, obj: Object) -> bool:
        return self._settings.patch_force or objects.annotation(obj, objects.PATCH_FORCE) == "true"

    async def await_ready(self, obj: Object, written: Written, requested_seconds: float, report: Reporter) -> Written:
        """Wait until the object is ready, the way its kind or its annotations ask for. Raises WaitTimeoutError or CancelledWaitError."""
        check = check_for(obj)
        seconds = min(seconds_to_wait(requested_seconds, obj), longest_wait(obj))
        waits_as_service = objects.kind_of(obj) == SERVICE and check is None and objects.annotation(obj, objects.SKIP_AWAIT) != "true"
        if check is None and not waits_as_service:
            return written
        if check is not None:
            await self._waiter.ready(written.live, written.mapping, check, seconds, report)
        else:
            await self._waiter.service(written.live, written.mapping, seconds, report)
        if objects.is_definition(obj):
            self._kinds.forget(objects.defined_group(obj))
        return await self.live(written)

    async def live(self, written: Written) -> Written:
        """The newest version of the object; the known one where it cannot be read."""
        path = written.mapping.path(objects.namespace_of(written.live), objects.name_of(written.live))
        try:
            return replace(written, live=await self._api.request("GET", path))
        except ApiError:
            return written

    async def read(self, kind: GroupVersionKind, namespace: str, name: str) -> Object | None:
        """The live object; None when it, or its kind, does not exist."""
        try:
            mapping = await self._kinds.mapping(kind)
            return await self._api.request("GET", mapping.path(namespace or "default", name))
        except NoSuchKindError:
            return None
        except ApiError as error:
            if error.code == 404:
                return None
            raise

    async def delete(self, state: Mapping[str, Any], namespace: str, name: str, requested_seconds: float, report: Reporter) -> None:
        """Delete in the foreground, and wait until the object is gone. What does not exist is deleted already."""
        kind = objects.kind_of(state)
        policy = objects.annotation(state, objects.DELETION_PROPAGATION).capitalize() or "Foreground"
        body = {"kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": policy}
        try:
            mapping = await self._kinds.mapping(kind)
            live = await self._api.request("DELETE", mapping.path(namespace or "default", name), body=body)
        except NoSuchKindError:
            return
        except ApiError as error:
            if error.code == 404:
                return
            raise
        skipped = objects.annotation(state, objects.SKIP_AWAIT) == "true" and kind in KINDS_AWAITED_ON_DELETE_UNLESS_SKIPPED
        if not skipped and live.get("kind") != "Status":  # a Status says that the object is gone already
            await self._waiter.gone(live, mapping, seconds_to_wait(requested_seconds, state), report)
        if objects.is_definition(state):
            self._kinds.forget(objects.defined_group(state))


def _query(dry_run: bool) -> dict[str, str]:
    return {"fieldValidation": "Warn"} | ({"dryRun": "All"} if dry_run else {})


def _placed(obj: Object, mapping: KindMapping) -> Object:
    """`obj` in a namespace if its kind lives in one, in none if not."""
    metadata = dict(obj.get("metadata") or {})
    if not mapping.namespaced:
        metadata.pop("namespace", None)
    elif not metadata.get("namespace"):
        metadata["namespace"] = "default"
    return {**obj, "metadata": metadata}
