"""Reads every Flux object of a live cluster, and only looks."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from kubernetes import client as api
from urllib3.exceptions import HTTPError

from gitops.errors import ClusterUnreachableError, CommandError
from gitops.messages import one_line, redact, trim
from gitops.status.kinds import is_flux_api
from live.connection import connect
from live.kubeconfig import Target

TIMEOUT = {"_request_timeout": (5, 30)}
"""Seconds to connect and to read."""
_CONNECTION = re.compile(r"^HTTPS?Connection\w*\([^)]*\): ")
PAGE = 500
_ESSENTIAL = "source.toolkit.fluxcd.io"


class ClusterReader:
    """A connection to one cluster; good for many readings (an exec plugin runs once, not at each of them)."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._client, self._said_on_login = connect(target)

    def objects(self, namespace: str | None = None) -> list[dict[str, Any]]:
        """Every Flux object of the cluster or of one namespace, each in the version that the server prefers.

        Raises:
            CommandError: the server does not answer, refuses, or knows no Flux.
        """
        with self._errors():
            found: list[dict[str, Any]] = []
            for version, resource in self._resources():
                found += self._list(version, resource, namespace)
            return found

    def close(self) -> None:
        """Give back the connection."""
        self._client.close()

    def _resources(self) -> list[tuple[str, Any]]:
        """What the server serves of Flux: (group/version, resource), each resource once.

        A group's versions are walked in the server's order of preference, and all of them: in Flux 2.9 the
        preferred version of `notification.toolkit.fluxcd.io` has Receivers only, the others are in v1beta3.
        """
        groups = [group for group in api.ApisApi(self._client).get_api_versions(**TIMEOUT).groups if is_flux_api(group.name)]
        if _ESSENTIAL not in {group.name for group in groups}:
            raise CommandError(
                f"Flux is not installed in the cluster at {self._where()}: it does not serve {_ESSENTIAL}. "
                "So there is nothing whose status could be shown. Install it: pulumi up"
            )
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
            if error.status == 404:  # listed and not served: its CRDs are just coming or going
                return []
            raise

    def _list(self, group_version: str, resource: Any, namespace: str | None) -> Iterator[dict[str, Any]]:
        custom = api.CustomObjectsApi(self._client)
        place = (*group_version.split("/"), *([namespace] if namespace else []), resource.name)
        list_page = custom.list_namespaced_custom_object if namespace else custom.list_cluster_custom_object
        position = ""
        while True:
            try:
                page = list_page(*place, limit=PAGE, **({"_continue": position} if position else {}), **TIMEOUT)
            except api.ApiException as error:
                if error.status == 404:  # the CRD went between discovery and here
                    return
                raise
            for item in page["items"]:
                yield {"apiVersion": group_version, "kind": resource.kind, **item}
            position = page["metadata"].get("continue") or ""
            if not position:
                return

    def _where(self) -> str:
        return f"{self._client.configuration.host} ({self._target})"

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """The client's errors as texts for a person: never a header, never a body beyond the server's own message."""
        try:
            yield
        except api.ApiException as error:
            raise self._refused(error) from None
        except HTTPError as error:
            raise self._unreachable(str(error)) from None
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            # The client builds its models from whatever comes back; a proxy's or another server's page ends here.
            raise self._no_api_server(type(error).__name__) from None

    def _refused(self, error: api.ApiException) -> CommandError:
        said = _servers_message(error)
        if not error.status:
            return self._unreachable(str(error.reason))
        if error.status == 401:
            login = f" Logging in said: {self._said_on_login}." if self._said_on_login else ""
            return CommandError(
                f"{self._where()} does not accept the credentials (401).{login} So nothing could be read. "
                f"Renew them until this passes: {self._target.kubectl('auth whoami')}"
            )
        if error.status == 403:
            return CommandError(
                f"{self._where()} refuses: {said}. A status without these objects could call a broken cluster ready. "
                f"Ask for a role that may list Flux's objects: {self._target.kubectl(f'auth can-i list gitrepositories.{_ESSENTIAL} -A')}"
            )
        if error.status >= 500 or error.status == 429:
            return self._unreachable(f"{error.status} {said}")
        return self._no_api_server(f"{error.status} {said}")

    def _no_api_server(self, why: str) -> CommandError:
        return CommandError(
            f"{self._where()} answers, but not as a Kubernetes API server does ({why}). So nothing could be read. "
            f"Look at the server's address: {self._target.kubectl('config view --minify')}"
        )

    def _unreachable(self, why: str) -> ClusterUnreachableError:
        shown = trim(redact(_CONNECTION.sub("", one_line(why))), 300)
        return ClusterUnreachableError(
            f"{self._where()} cannot be reached: {shown}. So nothing is known of the cluster's state. "
            "Start the cluster (the embedded one: make demo) or choose another with --context; "
            f"it is reachable when this passes: {self._target.kubectl('cluster-info')}"
        )


def _servers_message(error: api.ApiException) -> str:
    try:
        message = json.loads(error.body or "")["message"]
    except (ValueError, KeyError, TypeError):
        message = error.reason
    return trim(redact(one_line(str(message))), 400)
