"""Whether the cluster, the Git servers and the registry answer from here. Nothing is logged in to."""

import os
import socket
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from flux.addresses import DEFAULT_PORTS
from flux.environment import cache_root
from flux.errors import FluxInputError
from flux.message import Message
from flux.release.artifact import is_kept, registry_digest
from flux.release.artifact_reference import parse_reference
from flux.time_limit import TimeLimitError, within
from gitops.contexts import reached
from gitops.doctor.check_result import Check, State
from gitops.project import project
from gitops.stack_file import text_at
from live.errors import LiveError
from stacks.contract.names import OFFLINE_MANIFESTS

if TYPE_CHECKING:
    import httpx

GROUP = "within reach"
SECONDS = 5.0
WHOLE_SECONDS = 15.0
"""For an answer, however steadily it drips."""
REDIRECTS = range(300, 400)
"""None is followed, as no request of these commands follows one: a server may lead anywhere, and on without end."""


def cluster_check(values: Mapping[str, Any], unset: str | None = None) -> Check:
    """The API server of the stack's context: the one that the stack pins, and awake.

    `unset` is the environment variable from which the context would come, if that is not set.
    """
    name = "cluster"
    if text_at(values, "cluster", "kubeconfig") == "secret":
        return Check(group=GROUP, name=name, state=State.UNNEEDED, found="not asked: its kubeconfig is a secret of the stack")
    context = text_at(values, "cluster", "context")
    if context is None:
        return Check(group=GROUP, name=name, state=State.UNNEEDED, found=_not_asked(unset, "context"))
    if not os.environ.get("KUBECONFIG"):
        message = Message("KUBECONFIG is not set", "`pulumi up` looks nowhere else.", "Run: export KUBECONFIG=~/.kube/config")
        return Check(group=GROUP, name=name, state=State.MISSING, message=message)
    try:
        found = reached(None, context)
    except LiveError as error:
        return Check(group=GROUP, name=name, state=State.FAILED, found=error.where, message=error.message)
    if different := _other_cluster(values, found.server, found.ca_sha256):
        return Check(group=GROUP, name=name, state=State.FAILED, found=found.server, message=different)
    if why := why_silent(found.server):
        message = Message(
            f"does not answer: {why}", "`pulumi up` cannot change it.", "Check that it is up and reachable from your network."
        )
        return Check(group=GROUP, name=name, state=State.FAILED, found=found.server, message=message)
    return Check(group=GROUP, name=name, state=State.OK, found=found.server)


def _other_cluster(values: Mapping[str, Any], server: str, authority: str | None) -> Message | None:
    pinned = {"server": (text_at(values, "cluster", "server") or "").rstrip("/"), "caSha256": text_at(values, "cluster", "caSha256") or ""}
    for key, seen in (("server", server), ("caSha256", authority or "")):
        if pinned[key] and pinned[key] != seen:
            return Message(
                f"is another cluster: the stack has {key} {_short(pinned[key])}, the kubeconfig {_short(seen) or 'none'}",
                "`pulumi up` refuses it.",
                "Choose that cluster's kubeconfig, or another stack.",
            )
    return None


def _short(text: str) -> str:
    """The beginning of a fingerprint; anything else whole."""
    return f"{text[:12]}…" if len(text) == 64 and "/" not in text else text


def _not_asked(unset: str | None, what: str) -> str:
    why = f"the stack file takes its {what} from {unset}, which is not set" if unset else f"the stack file names no {what}"
    return f"not asked: {why}"


def registry_check(values: Mapping[str, Any], unset: str | None = None) -> Check:
    """Where Flux's manifests come from; `unset` as in `cluster_check`."""
    name, written = "Flux's manifests", text_at(values, "flux", "manifests")
    if written is None:
        return Check(group=GROUP, name=name, state=State.UNNEEDED, found=_not_asked(unset, "manifests"))
    if written.startswith((".", "/")):
        if (project() / written).is_dir():
            return Check(group=GROUP, name=name, state=State.OK, found=written)
        message = Message("does not exist", "Nothing can be installed.", "docs/new.md describes its contents.")
        return Check(group=GROUP, name=name, state=State.MISSING, found=written, message=message)
    try:
        reference = parse_reference(written)
        registry_digest(reference, seconds=SECONDS)
    except FluxInputError as error:
        return _without_registry(written, error)
    return Check(group=GROUP, name=name, state=State.OK, found=f"{reference.registry} has {reference.tag or reference.digest}")


def _without_registry(written: str, error: FluxInputError) -> Check:
    name = "Flux's manifests"
    message = error.message
    try:
        kept = is_kept(parse_reference(written), cache_root())
    except FluxInputError:
        return Check(group=GROUP, name=name, state=State.FAILED, message=message)
    if kept:
        return Check(group=GROUP, name=name, state=State.OK, found="in the cache; the registry does not answer")
    if os.environ.get(OFFLINE_MANIFESTS):
        return Check(group=GROUP, name=name, state=State.WARNING, found=f"previews use {OFFLINE_MANIFESTS}", message=message)
    return Check(group=GROUP, name=name, state=State.FAILED, message=message)


@dataclass(frozen=True, kw_only=True)
class FetchedRepository:
    """A Git source as Flux fetches it."""

    url: str
    has_login: bool
    authority: str | None = None
    """Certificates of a private authority, as PEM."""


def forge_check(server: str, repositories: Sequence[FetchedRepository]) -> Check:
    """A Git server, by each repository that the stack fetches from it."""
    name = f"Git server {server}"
    for repository in repositories:
        if message := _why_not(repository):
            return Check(group=GROUP, name=name, state=State.WARNING, found=repository.url, message=message)
    count = f"{len(repositories)} repositories answer" if len(repositories) > 1 else "the repository answers"
    return Check(group=GROUP, name=name, state=State.OK, found=count if not repositories[0].url.startswith("ssh:") else "answers")


def _why_not(repository: FetchedRepository) -> Message | None:
    asks = "Flux fetches from the cluster, not from here; `gitops check` fetches from here."
    if repository.url.startswith("ssh:"):
        why = why_silent(repository.url)
        return Message(f"does not answer: {why}", asks, "Check that it is reachable from your network.") if why else None
    import httpx

    from flux.http_client import http_client

    try:
        context = ssl.create_default_context()
        if repository.authority:
            context.load_verify_locations(cadata=repository.authority)
        with http_client(timeout=SECONDS, follow_redirects=False, verify=context) as client:
            status = within(WHOLE_SECONDS, lambda: _status(client, f"{repository.url}/info/refs"))
    except TimeLimitError:
        return Message(f"does not answer within {WHOLE_SECONDS:.0f} s", asks, "Check the server.")
    except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError) as error:
        return _unanswered(error, asks)
    if status in REDIRECTS:
        fix = "Open the URL in a browser, and write the address that it leads to."
        return Message(f"redirects to another address ({status}), which was not contacted", asks, fix)
    if status >= 500:
        return Message(f"answers with {status}", asks, "Check the server.")
    if status != 200 and not repository.has_login:
        return Message(
            f"does not show the repository without a login ({status})",
            "Flux could not fetch it.",
            "Correct the URL, or give the source a `credential`: docs/runbooks/rotate-a-git-credential.md",
        )
    return None


def _status(client: "httpx.Client", url: str) -> int:
    """No byte of the answer is read: it may be of any size."""
    with client.stream("GET", url, params={"service": "git-upload-pack"}) as response:
        return response.status_code


def _unanswered(error: Exception, asks: str) -> Message:
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        return Message(
            "has a certificate that is not trusted", "Flux refuses it, too.", "Add its CA certificate to the host's `ca` in the catalog."
        )
    return Message(f"does not answer ({type(error).__name__})", asks, "Check that it is reachable from your network.")


def why_silent(url: str, seconds: float = SECONDS) -> str | None:
    """Why nothing answers at the port of `url`; None when something does."""
    try:
        place = urlsplit(url)
        port = place.port or DEFAULT_PORTS.get(place.scheme)
    except ValueError:
        port = None
    if port is None:
        return "it has no port"
    try:
        with socket.create_connection((place.hostname or "", port), seconds):
            return None
    except TimeoutError:
        return f"not within {seconds:.0f} s"
    except (OSError, UnicodeError) as error:  # the latter: a name that no host can have
        return (error.strerror if isinstance(error, OSError) else None) or type(error).__name__
