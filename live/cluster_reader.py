"""Reads what Flux has in a live cluster, its objects and its controllers, and only looks."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote

from flux.kinds import SOURCE_API_GROUP, is_flux_api
from flux.message import Message
from flux.object_reference import FLUX_NAMESPACE
from live.answer_model import fitting
from live.api_answers import MALFORMED, ApiGroupList, ApiResource, ApiResourceList, Body, Deployment, FluxBody, Page, Pod, RestT, used_of
from live.bounded_client import PAGE, BoundedClient, RefusedRequestError
from live.client_errors import ClientErrors
from live.connection import connect
from live.errors import LiveError
from live.list_pages import pages_of
from live.target import Target

CONTROLLERS = "app.kubernetes.io/part-of=flux"
"""The label that Flux's own manifests, and those who repackage them, put on Deployments and pods."""
_FORBIDDEN, _GONE = 403, 404


class ClusterReader:
    """A connection to one cluster; good for many readings (an exec plugin runs once, not at each of them)."""

    def __init__(self, target: Target) -> None:
        self._target = target
        client, said_on_login = connect(target)
        self._client = BoundedClient(client)
        self._answers = ClientErrors(target, said_on_login)

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
                found = list(self._list("apps/v1", "deployments", namespace, Deployment, kind="Deployment", labelSelector=CONTROLLERS))
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
                answer = self._client.get(path, {"labelSelector": CONTROLLERS, "limit": PAGE})
            except RefusedRequestError as error:
                if error.status == _FORBIDDEN:
                    return None
                raise
            found = [used_of(item, Pod, f"a pod of {path}") for item in fitting(Page, answer, path).items]
            return None if any(MALFORMED in pod for pod in found) else found

    def close(self) -> None:
        """Give back the connection."""
        self._client.close()

    def _resources(self) -> list[tuple[str, ApiResource]]:
        """What the server serves of Flux: (group/version, resource), each resource once.

        A group's versions are walked in the server's order of preference, and all of them: in Flux 2.9 the
        preferred version of `notification.toolkit.fluxcd.io` has Receivers only, the others are in v1beta3.
        """
        groups = [group for group in fitting(ApiGroupList, self._client.get("/apis/"), "/apis/").groups if is_flux_api(group.name)]
        if SOURCE_API_GROUP not in {group.name for group in groups}:
            told = Message(
                f"Flux is not installed: the server does not know {SOURCE_API_GROUP}", "There is no status to show.", "Run: pulumi up"
            )
            raise LiveError(self._where(), told)
        chosen: dict[tuple[str, str], tuple[str, ApiResource]] = {}
        for group in groups:
            for version in group.versions:
                for resource in self._served(f"{group.name}/{version.version}"):
                    if "/" not in resource.name and "list" in resource.verbs:
                        chosen.setdefault((group.name, resource.name), (f"{group.name}/{version.version}", resource))
        return list(chosen.values())

    def _served(self, group_version: str) -> list[ApiResource]:
        path = f"/apis/{group_version}"
        try:
            return fitting(ApiResourceList, self._client.get(path), path).resources
        except RefusedRequestError as error:
            if error.status == _GONE:  # listed and not served: its CRDs are just coming or going
                return []
            raise

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

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """What is asked for in here is one reading; the client's errors are told as those of this room."""
        self._client.begin_reading()
        with self._answers.told(self._may_not):
            yield

    def _may_not(self, said: str) -> LiveError:
        """What to say of a 403."""
        can = self._target.kubectl(f"auth can-i list gitrepositories.{SOURCE_API_GROUP} -A")
        told = Message(
            f"refuses: {said}",
            "Without these objects, a broken cluster could be shown as ready.",
            f"Ask for a role that may list Flux's objects and its Deployments. Run: {can}",
        )
        return LiveError(self._where(), told)
