"""Whether the active key is seen to work: the cluster's Secret has it, and Flux has just fetched with it."""

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

from flux.message import Message
from flux.reconcile_request import is_handled
from gitops.deploy_keys.model import DeployCredential, same_key
from gitops.messages import LONGEST_SAID, one_line, redact, trim_middle
from live.errors import UnreachableError

Body = dict[str, Any]
_APPLY = "Apply first: pulumi up"
POLL_SECONDS = 1.0


class ClusterSide(Protocol):
    """What is needed of a cluster: see `DeployKeyCluster`."""

    def git_repositories(self, credential: str) -> list[Body]:
        """The GitRepositories that fetch with the Secret of this name."""

    def identity(self, secret: str) -> bytes | None:
        """The private key in a Secret."""

    def request(self, name: str, moment: str) -> None:
        """Ask Flux to reconcile a GitRepository now."""


def why_not_ready_to_sync(cluster: ClusterSide, credential: DeployCredential) -> list[Message]:
    """What prevents asking Flux to fetch with the active key; looking changes nothing."""
    if credential.active_key is None:
        return [
            Message(
                f"the active key, {credential.active}, is not one that the stack generated",
                "Its public half cannot be compared.",
                "Remove the old keys by hand.",
            )
        ]
    return _wrong_secret(cluster, credential) or _wrong_sources(cluster.git_repositories(credential.name), credential)


def why_not_seen_to_sync(
    cluster: ClusterSide, credential: DeployCredential, seconds: float, say: Callable[[str], None], *, poll_seconds: float = POLL_SECONDS
) -> list[Message]:
    """Ask Flux to fetch every GitRepository of the credential now, and wait until it has; why that was not seen, else nothing.

    Raises:
        LiveError: the API server refuses, or stays away.
    """
    if reasons := why_not_ready_to_sync(cluster, credential):
        return reasons
    moment = datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    asked = [body["metadata"]["name"] for body in cluster.git_repositories(credential.name)]
    for name in asked:
        cluster.request(name, moment)
    deadline = time.monotonic() + seconds
    while True:
        pending = _pending(cluster, credential, asked, moment, patient=time.monotonic() < deadline)
        if not pending:
            # The Secret again: another `up` may have changed it meanwhile.
            return _wrong_secret(cluster, credential)
        if time.monotonic() >= deadline:
            return [Message(f"after {seconds:g} s, still waiting for {text}") for text in pending]
        say(f"waiting for {pending[0]}{f' and {len(pending) - 1} more' if len(pending) > 1 else ''}")
        time.sleep(max(0.0, min(poll_seconds, deadline - time.monotonic())))


def public_half(identity: bytes | None) -> str | None:
    """The public key of a private one, as in authorized_keys; None if it cannot be derived."""
    from flux.keys.ssh_private_keys import public_line_of  # here and not above: only `retire` needs it

    try:
        return public_line_of((identity or b"").decode())
    except ValueError:
        return None


def _wrong_secret(cluster: ClusterSide, credential: DeployCredential) -> list[Message]:
    # The private half, as that is what Flux uses: an entry identity.pub beside it could say anything.
    identity = cluster.identity(credential.name)
    if identity is None:
        return [Message(f"the cluster has no Secret {credential.name} with an identity", fix=_APPLY)]
    found = public_half(identity)
    if found is None or not same_key(found, credential.active_key or ""):
        named = credential.name_of(found) if found else None
        another = f" but {named}" if named else ""
        return [Message(f"the cluster's Secret {credential.name} does not hold the active key {credential.active}{another}", fix=_APPLY)]
    return []


def _wrong_sources(bodies: Sequence[Body], credential: DeployCredential) -> list[Message]:
    reasons = [
        Message(
            f"GitRepository {body['metadata']['name']} is suspended", fix=f"Resume it: flux resume source git {body['metadata']['name']}"
        )
        for body in bodies
        if body.get("spec", {}).get("suspend")
    ]
    fetched = {body.get("spec", {}).get("url") for body in bodies}
    reasons += [
        Message(f"no GitRepository in the cluster fetches {repository.url} with this credential", fix=_APPLY)
        for repository in credential.repositories
        if repository.url not in fetched
    ]
    return reasons


def _pending(cluster: ClusterSide, credential: DeployCredential, asked: Sequence[str], moment: str, *, patient: bool) -> list[str]:
    try:
        now = {body["metadata"]["name"]: body for body in cluster.git_repositories(credential.name)}
    except UnreachableError:
        if not patient:
            raise
        return ["the API server, which does not answer"]
    return [text for name in asked if (text := _missing(name, now.get(name), moment))]


def _missing(name: str, body: Body | None, moment: str) -> str:
    shown = f"GitRepository {name}"
    if body is None:
        return f"{shown}, which is gone"
    status = body.get("status") or {}
    conditions = {each["type"]: each for each in status.get("conditions") or []}
    ready = conditions.get("Ready") or {}
    said = trim_middle(redact(one_line(str(ready.get("message") or ""))), LONGEST_SAID)
    if not is_handled(body, moment):
        return f"{shown}, which has not fetched yet{f' (it said: {said})' if said and ready.get('status') != 'True' else ''}"
    if ready.get("status") != "True":
        return f"{shown}, which is not ready: {said or 'it does not say why'}"
    return ""
