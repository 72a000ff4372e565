"""Reads what Flux has in a live cluster, its objects and its controllers, and only looks."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from urllib.parse import quote

from flux.kinds import SOURCE_API_GROUP, api_group
from flux.message import Message
from flux.object_reference import FLUX_NAMESPACE
from live.client.answer_model import fitting
from live.client.api_answers import MALFORMED, ApiResource, Body, Deployment, FluxBody, Page, Pod, RestT, used_of
from live.client.bounded_client import PAGE, RefusedRequestError
from live.client.cluster_connection import ClusterConnection
from live.client.list_pages import pages_of
from live.errors import LiveError
from live.flux_objects.flux_resources import PART_OF_FLUX, flux_resources

"""The label that Flux's own manifests, and those who repackage them, put on Deployments and pods."""
_FORBIDDEN = 403


class ClusterReader(ClusterConnection):
    """A connection to one cluster; good for many readings (an exec plugin runs once, not at each of them)."""

    def objects(self, namespace: str | None = None) -> list[Body]:
        """Every Flux object of the cluster or of one namespace, each in the version that the server prefers. See `api_answers`.

        Raises:
            LiveError: the server does not answer, refuses, or knows no Flux.
        """
        with self._errors():
            found: list[Body] = []
            for version, resource in self._resources():
                found += self._list(version, resource.name, namespace, FluxBody, kind=resource.kind)
            return found

    def controllers(self, *, anywhere: bool) -> list[Body]:
        """The Deployments of Flux: those of its namespace; where there is none and `anywhere` is set, those of every namespace.

        Raises:
            LiveError: the server does not answer, or refuses.
        """
        with self._errors():
            for namespace in (FLUX_NAMESPACE, None) if anywhere else (FLUX_NAMESPACE,):
                found = list(self._list("apps/v1", "deployments", namespace, Deployment, kind="Deployment", labelSelector=PART_OF_FLUX))
                if found:
                    return found
        return []

    def controller_pods(self, namespace: str) -> list[Body] | None:
        """The pods of Flux in its namespace; None where this role may not list them, or where one does not fit.

        Raises:
            LiveError: the server does not answer, or refuses otherwise.
        """
        path = f"/api/v1/namespaces/{quote(namespace, safe='')}/pods"
        with self._errors():
            try:
                answer = self._client.get(path, {"labelSelector": PART_OF_FLUX, "limit": PAGE})
            except RefusedRequestError as error:
                if error.status == _FORBIDDEN:
                    return None
                raise
            found = [used_of(item, Pod, f"a pod of {path}") for item in fitting(Page, answer, path).items]
            return None if any(MALFORMED in pod for pod in found) else found

    def _resources(self) -> list[tuple[str, ApiResource]]:
        found = flux_resources(self._client)
        if not any(api_group(version) == SOURCE_API_GROUP for version, _ in found):
            told = Message(
                f"Flux is not installed: the server does not know {SOURCE_API_GROUP}", "There is no status to show.", "Run: pulumi up"
            )
            raise LiveError(self._where(), told)
        return found

    def _list(
        self, group_version: str, plural: str, namespace: str | None, rest: type[RestT], *, kind: str, **filters: str
    ) -> Iterator[Body]:
        within = f"namespaces/{quote(namespace, safe='')}/" if namespace else ""
        path = f"/apis/{group_version}/{within}{plural}"
        for page in pages_of(Page, path, {"limit": PAGE, **filters}, self._client.get):
            for item in page.items:
                yield {"apiVersion": group_version, "kind": kind, **used_of(item, rest, f"{kind} of {path}")}

    def _where(self) -> str:
        return self._answers.where

    def _errors(self) -> AbstractContextManager[None]:
        can = self._target.kubectl(f"auth can-i list gitrepositories.{SOURCE_API_GROUP} -A")
        fix = f"Ask for a role that may list Flux's objects and its Deployments. Run: {can}"
        return self._reading("Without these objects, a broken cluster could be shown as ready.", fix)
