"""The cluster's side: the Secret that Flux uses, the GitRepositories that name it, and a request to fetch now."""

import base64
from typing import Any

from kubernetes import client as api

from flux.message import Message
from flux.object_reference import FLUX_NAMESPACE
from flux.reconcile_request import reconcile_request
from live.client_errors import servers_message
from live.cluster_reader import TIMEOUT, ClusterReader
from live.errors import LiveError

_GROUP, _VERSION, _PLURAL = "source.toolkit.fluxcd.io", "v1", "gitrepositories"


class DeployKeyCluster(ClusterReader):
    """One cluster, in the namespace of Flux. It writes only the annotation that asks Flux to fetch now."""

    def git_repositories(self, credential: str) -> list[dict[str, Any]]:
        """The GitRepositories that fetch with the Secret of this name.

        Raises:
            LiveError: the API server does not answer, or refuses.
        """
        with self._errors():
            found = list(self._list(f"{_GROUP}/{_VERSION}", _PLURAL, FLUX_NAMESPACE, kind="GitRepository"))
        return [body for body in found if (body["spec"].get("secretRef") or {}).get("name") == credential]

    def identity(self, secret: str) -> bytes | None:
        """The private key in a Secret; None when there is none. Never shown.

        Raises:
            LiveError: the API server does not answer, or refuses.
        """
        with self._errors():
            try:
                found = api.CoreV1Api(self._client).read_namespaced_secret(secret, FLUX_NAMESPACE, **TIMEOUT)
            except api.ApiException as error:
                if error.status == 404:
                    return None
                raise
        kept = (found.data or {}).get("identity")
        return base64.b64decode(kept) if kept else None

    def request(self, name: str, moment: str) -> None:
        """Ask Flux to reconcile a GitRepository now, as `flux reconcile` does.

        Raises:
            LiveError: the API server does not answer, or refuses.
        """
        with self._errors():
            api.CustomObjectsApi(self._client).patch_namespaced_custom_object(
                _GROUP, _VERSION, FLUX_NAMESPACE, _PLURAL, name, reconcile_request(moment), field_manager="gitops", **TIMEOUT
            )

    def _may_not(self, error: api.ApiException) -> LiveError:
        can = self._target.kubectl(f"auth can-i patch {_PLURAL}.{_GROUP} -n {FLUX_NAMESPACE}")
        told = Message(
            f"refuses (403): {servers_message(error)}",
            f"Without the Secrets and GitRepositories of {FLUX_NAMESPACE} the active key cannot be verified, so nothing is removed.",
            f"Ask for a role that may get secrets, and list and patch {_PLURAL} there. Run: {can}",
        )
        return LiveError(self._where(), told)
