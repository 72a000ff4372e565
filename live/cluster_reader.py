"""Reads what Flux has in a live cluster, its objects and its controllers, and only looks."""

import json
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Any

from kubernetes import client as api

from flux.kinds import SOURCE_API_GROUP, is_flux_api
from flux.message import Message
from flux.object_reference import FLUX_NAMESPACE
from live.client_errors import ClientErrors, servers_message
from live.connection import connect
from live.errors import LiveError
from live.target import Target

TIMEOUT = {"_request_timeout": (5, 30)}
"""Seconds to connect and to read."""
PAGE = 500
CONTROLLERS = "app.kubernetes.io/part-of=flux"
"""The label that Flux's own manifests, and those who repackage them, put on Deployments and pods."""
_FORBIDDEN, _GONE = 403, 404
Body = dict[str, Any]


class ClusterReader:
    """A connection to one cluster; good for many readings (an exec plugin runs once, not at each of them)."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._client, said_on_login = connect(target)
        self._answers = ClientErrors(target, said_on_login)

    def objects(self, namespace: str | None = None) -> list[Body]:
        """Every Flux object of the cluster or of one namespace, each in the version that the server prefers.

        Raises:
            LiveError: the server does not answer, refuses, or knows no Flux.
        """
        with self._errors():
            found: list[Body] = []
            for version, resource in self._resources():
                found += self._list(version, resource.name, namespace, kind=resource.kind)
            return found

    def controllers(self, *, anywhere: bool) -> list[Body]:
        """The Deployments of Flux: those of its namespace; where there is none and `anywhere` is set, those of every namespace.

        Raises:
            LiveError: the server does not answer, or refuses.
        """
        with self._errors():
            for namespace in (FLUX_NAMESPACE, None) if anywhere else (FLUX_NAMESPACE,):
                found = list(self._list("apps/v1", "deployments", namespace, kind="Deployment", label_selector=CONTROLLERS))
                if found:
                    return found
        return []

    def controller_pods(self, namespace: str) -> list[Body] | None:
        """The pods of Flux in its namespace; None where this role may not list them.

        Raises:
            LiveError: the server does not answer, or refuses otherwise.
        """
        with self._errors():
            try:
                core = api.CoreV1Api(self._client)
                # As data: building the models of pods takes longer than the answer.
                answer = core.list_namespaced_pod(namespace, label_selector=CONTROLLERS, limit=PAGE, _preload_content=False, **TIMEOUT)
                return list(json.loads(answer.data)["items"])
            except api.ApiException as error:
                if error.status == _FORBIDDEN:
                    return None
                raise

    def close(self) -> None:
        """Give back the connection."""
        self._client.close()

    def _resources(self) -> list[tuple[str, Any]]:
        """What the server serves of Flux: (group/version, resource), each resource once.

        A group's versions are walked in the server's order of preference, and all of them: in Flux 2.9 the
        preferred version of `notification.toolkit.fluxcd.io` has Receivers only, the others are in v1beta3.
        """
        groups = [group for group in api.ApisApi(self._client).get_api_versions(**TIMEOUT).groups if is_flux_api(group.name)]
        if SOURCE_API_GROUP not in {group.name for group in groups}:
            told = Message(
                f"Flux is not installed: the server does not know {SOURCE_API_GROUP}", "There is no status to show.", "Run: pulumi up"
            )
            raise LiveError(self._where(), told)
        chosen: dict[tuple[str, str], tuple[str, Any]] = {}
        for group in groups:
            for version in group.versions:
                for resource in self._served(group.name, version.version):
                    if "/" not in resource.name and "list" in resource.verbs:
                        chosen.setdefault((group.name, resource.name), (version.group_version, resource))
        return list(chosen.values())

    def _served(self, group: str, version: str) -> list[Any]:
        try:
            return list(api.CustomObjectsApi(self._client).get_api_resources(group, version, **TIMEOUT).resources)
        except api.ApiException as error:
            if error.status == _GONE:  # listed and not served: its CRDs are just coming or going
                return []
            raise

    def _list(self, group_version: str, plural: str, namespace: str | None, *, kind: str, **filters: str) -> Iterator[Body]:
        custom = api.CustomObjectsApi(self._client)
        place = (*group_version.split("/"), *([namespace] if namespace else []), plural)
        list_page = custom.list_namespaced_custom_object if namespace else custom.list_cluster_custom_object
        position: Mapping[str, str] = {}
        while True:
            try:
                page = list_page(*place, limit=PAGE, **position, **filters, **TIMEOUT)
            except api.ApiException as error:
                if error.status == _GONE:  # the CRD went between discovery and here
                    return
                raise
            for item in page["items"]:
                yield {"apiVersion": group_version, "kind": kind, **item}
            if not page["metadata"].get("continue"):
                return
            position = {"_continue": page["metadata"]["continue"]}

    def _where(self) -> str:
        return self._answers.where

    def _errors(self) -> AbstractContextManager[None]:
        return self._answers.told(self._may_not)

    def _may_not(self, error: api.ApiException) -> LiveError:
        """What to say of a 403."""
        can = self._target.kubectl(f"auth can-i list gitrepositories.{SOURCE_API_GROUP} -A")
        told = Message(
            f"refuses: {servers_message(error)}",
            "Without these objects, a broken cluster could be shown as ready.",
            f"Ask for a role that may list Flux's objects and its Deployments. Run: {can}",
        )
        return LiveError(self._where(), told)
