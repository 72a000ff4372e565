"""What production and staging refuse although a cluster could be made of it; development allows it.

Staging refuses all that production does: a policy that staging did not know would first fail in production. Each policy is a
function whose docstring says what it asks, and why. A refusal names the key of the stack file, or the object.
"""

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from flux.finding import Finding
from flux.object_reference import ObjectReference
from flux.release.artifact_reference import parse_reference
from stacks.contract.stack import Stack
from stacks.words.place import KeyPath

REFUSING = ("production", "staging")
"""The environments that have policies."""

Body = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class StackFinding:
    """One thing in a stack file that its environment refuses."""

    path: KeyPath
    """Key path in the stack file, without `gitops:`."""
    text: str


def cluster_is_pinned(stack: Stack) -> Iterator[StackFinding]:
    """The stack names the API server and its certificate authority.

    Without them `pulumi up` changes whatever cluster the kubeconfig reaches; a preview would not show it.
    """
    wrong = "is not given, so `pulumi up` would change whatever cluster the kubeconfig reaches, which only development may; "
    if stack.cluster.server is None:
        text = f"{wrong}write the API server's URL, which `kubectl config view --minify` prints"
        yield StackFinding(path=("cluster", "server"), text=text)
    if stack.cluster.ca_sha256 is None:
        text = f"{wrong}write the 64 digits that `openssl x509 -in ca.crt -outform der | sha256sum` prints"
        yield StackFinding(path=("cluster", "caSha256"), text=text)


def manifests_are_pinned(stack: Stack) -> Iterator[StackFinding]:
    """Flux's manifests are an artifact by digest, or a directory of this repository.

    A tag can be moved, and a directory elsewhere is another one on another machine. A directory of the repository is pinned by
    the commit, which is how a cluster without a way out gets its Flux.
    """
    written = stack.flux.manifests
    if written.startswith((".", "/")):
        if written.startswith("/") or ".." in PurePosixPath(written).parts:
            text = (
                "is a directory outside this repository, so what is installed would depend on the machine that runs `pulumi up`, "
                "which only development may; write an artifact with its digest, or a directory that is committed here: ./manifests"
            )
            yield StackFinding(path=("flux", "manifests"), text=text)
    elif parse_reference(written).digest is None:
        text = (
            "has no digest, so what is installed could change without a change here, which only development may; "
            f"append the digest that `docker buildx imagetools inspect {written}` prints: @sha256:…"
        )
        yield StackFinding(path=("flux", "manifests"), text=text)


def age_keys_are_supplied(stack: Stack) -> Iterator[StackFinding]:
    """No age key is generated.

    A generated key lives in Pulumi's state alone; with the state lost, what Git holds encrypted for it could never be read again.
    """
    for name in stack.age.generated:
        text = (
            "is generated, so with Pulumi's state lost nobody could read what Git holds encrypted for it, which only development may; "
            f"make a key with `age-keygen`, write `supplied`, and run: pulumi config set --secret gitops:age-{name}"
        )
        yield StackFinding(path=("age", "keys", name), text=text)


def check_record_is_committed(stack: Stack) -> Iterator[StackFinding]:
    """The record of `gitops check` is a file of this repository.

    Previews refuse to remove an age key that a recorded file still needs; with a record elsewhere, another machine would not refuse.
    """
    written = stack.check_record
    if written is not None and (written.startswith("/") or ".." in PurePosixPath(written).parts):
        text = (
            "lies outside this repository, so whether a key is still needed would depend on the machine that previews, "
            "which only development may; write a path from the repository's root, or remove the key for stacks/checked/<stack>.yaml"
        )
        yield StackFinding(path=("checkRecord",), text=text)


def destroy_is_decided(stack: Stack) -> Iterator[StackFinding]:
    """The stack says what `pulumi destroy` does to the workloads.

    `pulumi destroy` does not run the program: what it may remove stands in the objects' deletion policies beforehand.
    """
    if "on_destroy" not in stack.model_fields_set:
        text = (
            "is not given, so nobody has decided what `pulumi destroy` does to the workloads, which only development may leave open; "
            "write keepWorkloads (Flux goes, what it applied stays) or removeWorkloads"
        )
        yield StackFinding(path=("onDestroy",), text=text)


def values_are_written_down(_: Stack) -> Iterator[StackFinding]:
    """No value is `{env: NAME}`.

    A cluster that depends on the environment of whoever runs `pulumi up` cannot be reviewed. Held by stacks/inputs/config.py, because a
    model never sees where its values came from.
    """
    yield from ()


def sources_are_fetched_encrypted(body: Body) -> Iterator[Finding]:
    """Sources are fetched with TLS or SSH: no `http://` URL, no `insecure: true`.

    Who is on the network would otherwise decide what runs in the cluster. Notifications may go over HTTP: they decide nothing.
    """
    if not str(body.get("apiVersion")).startswith(("source.toolkit.fluxcd.io/", "image.toolkit.fluxcd.io/")):
        return
    identity = ObjectReference(kind=body["kind"], namespace=body["metadata"].get("namespace", ""), name=body["metadata"]["name"])
    spec = body.get("spec")
    if not isinstance(spec, Mapping):
        return
    who = "so whoever is on the network could decide what runs in the cluster, which only development may; "
    if str(spec.get("url")).startswith("http://"):
        yield Finding(identity=identity, path=("spec", "url"), text=f"is fetched unencrypted, {who}write https:// or ssh://")
    if spec.get("insecure") is True:
        text = f"lets Flux fetch without TLS, {who}remove `insecure`, and give the server a certificate"
        yield Finding(identity=identity, path=("spec", "insecure"), text=text)


STACK_POLICIES: tuple[Callable[[Stack], Iterator[StackFinding]], ...] = (
    cluster_is_pinned,
    manifests_are_pinned,
    age_keys_are_supplied,
    check_record_is_committed,
    destroy_is_decided,
    values_are_written_down,
)
BODY_POLICIES: tuple[Callable[[Body], Iterator[Finding]], ...] = (sources_are_fetched_encrypted,)


def check_stack_file(stack: Stack) -> list[StackFinding]:
    """What the environment of `stack` refuses in its file."""
    if stack.environment not in REFUSING:
        return []
    return [finding for policy in STACK_POLICIES for finding in policy(stack)]


def check_bodies(stack: Stack, bodies: Sequence[Body]) -> list[Finding]:
    """What the environment of `stack` refuses in its Flux objects."""
    if stack.environment not in REFUSING:
        return []
    return [finding for body in bodies for policy in BODY_POLICIES for finding in policy(body)]


@dataclass(frozen=True, kw_only=True)
class PolicyDocument:
    """A policy for the reference page."""

    name: str
    summary: str
    reason: str


def policies() -> list[PolicyDocument]:
    """Every policy: its name, what it asks, and why."""
    every: list[Callable[..., Any]] = [*STACK_POLICIES, *BODY_POLICIES]
    return [_document(policy) for policy in every]


def _document(policy: Callable[..., Any]) -> PolicyDocument:
    summary, _, reason = (inspect.getdoc(policy) or "").partition("\n\n")
    return PolicyDocument(name=policy.__name__.replace("_", "-"), summary=" ".join(summary.split()), reason=" ".join(reason.split()))
