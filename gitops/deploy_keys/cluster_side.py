"""The cluster's side: the Secret that Flux uses, the GitRepositories that name it, and a request to fetch now."""

import base64
from contextlib import AbstractContextManager
from typing import Any
from urllib.parse import quote

from flux.object_reference import FLUX_NAMESPACE
from flux.reconcile_request import reconcile_request
from live.client.answer_model import MalformedAnswerError, fitting
from live.client.api_answers import MALFORMED, FluxBody, SecretData, used_of
from live.client.bounded_client import RefusedRequestError
from live.flux_objects.cluster_reader import ClusterReader

_GROUP, _VERSION, _PLURAL = "source.toolkit.fluxcd.io", "v1", "gitrepositories"


class DeployKeyCluster(ClusterReader):
    """One cluster, in the namespace of Flux. It writes only the annotation that asks Flux to fetch now."""

    def git_repositories(self, credential: str) -> list[dict[str, Any]]:
        """The GitRepositories that fetch with the Secret of this name.

        Raises:
            LiveError: the API server does not answer, or refuses.
        """
        with self._errors():
            found = list(self._list(f"{_GROUP}/{_VERSION}", _PLURAL, FLUX_NAMESPACE, FluxBody, kind="GitRepository"))
            for body in found:
                _refuse_malformed(body)
        return [body for body in found if body.get("spec", {}).get("secretRef", {}).get("name") == credential]

    def identity(self, secret: str) -> bytes | None:
        """The private key in a Secret; None when there is none. Never shown.

        Raises:
            LiveError: the API server does not answer, refuses, or answers with something else.
        """
        path = f"/api/v1/namespaces/{FLUX_NAMESPACE}/secrets/{quote(secret, safe='')}"
        with self._errors():
            try:
                found = fitting(SecretData, self._client.get(path), path)
            except RefusedRequestError as error:
                if error.status == 404:
                    return None
                raise
            kept = (found.data or {}).get("identity")
            try:
                return base64.b64decode(kept, validate=True) if kept else None
            except ValueError:  # binascii.Error is one; a character beyond ASCII is a plain one
                raise MalformedAnswerError(f"{path}: data.identity is not base64") from None

    def request(self, name: str, moment: str) -> None:
        """Ask Flux to reconcile a GitRepository now, as `flux reconcile` does.

        Raises:
            LiveError: the API server does not answer, refuses, or answers with something else.
        """
        path = f"/apis/{_GROUP}/{_VERSION}/namespaces/{FLUX_NAMESPACE}/{_PLURAL}/{quote(name, safe='')}"
        with self._errors():
            answer = self._client.merge(path, reconcile_request(moment), {"fieldManager": "gitops"})
            _refuse_malformed(used_of(answer, FluxBody, path))

    def _errors(self) -> AbstractContextManager[None]:
        can = self._target.kubectl(f"auth can-i patch {_PLURAL}.{_GROUP} -n {FLUX_NAMESPACE}")
        consequence = (
            f"Without the Secrets and GitRepositories of {FLUX_NAMESPACE} the active key cannot be verified, so nothing is removed."
        )
        return self._reading(consequence, f"Ask for a role that may get secrets, and list and patch {_PLURAL} there. Run: {can}")


def _refuse_malformed(body: dict[str, Any]) -> None:
    """Unlike a table, which shows the other objects, nothing may be removed by what an object seems to say."""
    if why := body.get(MALFORMED):
        raise MalformedAnswerError(f"GitRepository {body['metadata']['name']}: {why}")
