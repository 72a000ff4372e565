"""What Pulumi's state has of a stack: its objects, whether they stay on destroy, and the cluster that they are in."""

import json
import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flux.bounded_documents import Bounds, UnreadableError, json_value
from flux.known_secrets import keep_secret
from flux.message import Message
from flux.object_reference import ObjectReference
from gitops.errors import CommandError
from gitops.pulumi_cli import StackName, ask_pulumi, what_it_says

LARGEST_STATE = Bounds(size=256 * 1024 * 1024, levels=200)
MOST_VALUES = 20_000_000
_KUBERNETES = "kubernetes:"
_PROVIDER = "pulumi:providers:kubernetes"
_NOTHING_DONE = "Nothing was removed."


@dataclass(frozen=True, kw_only=True)
class StateObject:
    """A Kubernetes object that the state has."""

    urn: str
    reference: ObjectReference
    stays: bool
    """Whether `pulumi destroy` leaves it in the cluster."""

    @property
    def is_definition(self) -> bool:
        """Whether it is what may outlive the controllers: a CRD, or Flux's namespace."""
        return self.reference.kind in ("CustomResourceDefinition", "Namespace")


@dataclass(frozen=True, kw_only=True)
class StackState:
    """The state of a stack."""

    objects: tuple[StateObject, ...] = ()
    is_empty: bool = True
    kubeconfig: str = field(default="", repr=False)
    """What `pulumi destroy` will use; empty where the state has no provider."""
    context: str = ""
    cluster: str = ""
    """The cluster's name, as the last `up` had it."""


def read_state(stack: StackName, folder: Path) -> StackState:
    """The state, as `pulumi stack export` has it. The kubeconfig in it needs the stack's passphrase or key.

    Raises:
        CommandError: pulumi does not give it.
    """
    document = _export(stack, folder, "--show-secrets")
    found = [each for each in _resources(document) if not each.get("delete")]
    provider = next((each for each in found if each.get("type") == _PROVIDER), None)
    inputs = _mapping(provider, "inputs")
    kubeconfig = _opened(inputs.get("kubeconfig"))
    keep_secret(kubeconfig)
    return StackState(
        objects=tuple(_object(each) for each in found if str(each.get("type", "")).startswith(_KUBERNETES)),
        is_empty=not found,
        kubeconfig=kubeconfig,
        context=_opened(inputs.get("context")),
        cluster=_opened(inputs.get("clusterIdentifier")),
    )


def keep_in_cluster(stack: StackName, folder: Path, urns: Iterable[str]) -> None:
    """Let `pulumi destroy` leave these objects in the cluster, by the state alone. Its secrets stay encrypted.

    Raises:
        CommandError: pulumi does not give the state, or does not take it back.
    """
    wanted = set(urns)
    document = _export(stack, folder)
    for each in _resources(document):
        if each.get("urn") in wanted:
            each["retainOnDelete"] = True
    with tempfile.TemporaryDirectory(prefix="gitops-state-") as scratch:  # mode 0700
        file = Path(scratch, "state.json")
        file.write_text(json.dumps(document))
        _pulumi(folder, "stack", "import", "--stack", stack.asked, "--file", str(file))


def _export(stack: StackName, folder: Path, *options: str) -> Any:
    printed = _pulumi(folder, "stack", "export", "--stack", stack.asked, *options)
    try:
        return json_value(printed, LARGEST_STATE, most_values=MOST_VALUES)
    except UnreadableError as error:
        told = Message(
            f"`pulumi stack export --stack {stack.asked}` {error.wrong}", _NOTHING_DONE, "Check which pulumi it is: pulumi version"
        )
        raise CommandError(told) from None


def _pulumi(folder: Path, *arguments: str) -> str:
    shown = f"pulumi {' '.join(arguments[:2])}"
    try:
        done = ask_pulumi(*arguments, folder=folder)
    except (OSError, subprocess.TimeoutExpired) as error:
        fix = 'Put pulumi on PATH; the demo\'s: make demo, then eval "$(make -s env)"'
        raise CommandError(Message(f"`{shown}` cannot be run ({type(error).__name__})", _NOTHING_DONE, fix)) from None
    if done.returncode != 0:
        fix = "Log in to the backend, set the passphrase as for `pulumi up`, and name an existing stack with --stack."
        raise CommandError(Message(f"`{shown}` failed: {what_it_says(done) or 'it said nothing'}", _NOTHING_DONE, fix))
    return done.stdout


def _resources(document: Any) -> list[dict[str, Any]]:
    found = _mapping(document, "deployment").get("resources")
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _object(resource: Mapping[str, Any]) -> StateObject:
    inputs = _mapping(resource, "inputs")
    metadata = _mapping(inputs, "metadata")
    reference = ObjectReference(_opened(inputs.get("kind")), _opened(metadata.get("namespace")), _opened(metadata.get("name")))
    return StateObject(urn=str(resource.get("urn", "")), reference=reference, stays=resource.get("retainOnDelete") is True)


def _mapping(document: Any, key: str) -> Mapping[str, Any]:
    found = document.get(key) if isinstance(document, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def _opened(value: Any) -> str:
    """A text of the state; a secret one is JSON within `plaintext`."""
    if isinstance(value, Mapping):
        try:
            value = json_value(str(value.get("plaintext", "")), Bounds(size=8 * 1024 * 1024))
        except UnreadableError:
            return ""
    return value if isinstance(value, str) else ""
