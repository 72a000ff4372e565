"""What Pulumi's state has of a stack: its objects as the last `up` applied them, and the cluster that they are in."""

import json
import re
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from flux.bounded_documents import Bounds, UnreadableError, json_value
from flux.kinds import api_group, is_flux_api
from flux.known_secrets import keep_secret
from flux.message import Message
from flux.object_reference import ObjectReference
from gitops.errors import CommandError
from gitops.pulumi_cli import StackName, ask_pulumi, what_it_says
from gitops.pulumi_on_path import put_on_path
from gitops.stack_file import context_of
from live.access.kubeconfig_parser import parse
from live.access.target import Target, find_target

LARGEST_STATE = Bounds(size=256 * 1024 * 1024, levels=200)
MOST_VALUES = 20_000_000
OF_KUBERNETES = "kubernetes:"
_SEED = re.compile(r"RandomPassword::age-keys-(?P<name>.+)-seed$")
"""As components/age_keys.py names it."""
_PROVIDER = "pulumi:providers:kubernetes"
_SIGNATURE, _OF_A_SECRET = "4dabf18193072939515e22adb298388d", "1b47061264138c4ac30d75fd1eb44270"
"""How Pulumi marks a secret value in its state (sdk/go/common/resource/sig)."""
_IN_THE_STATE = "the kubeconfig in the state"
_NOTHING_DONE = "What the stack has in the cluster is unknown."


@dataclass(frozen=True, kw_only=True)
class StateObject:
    """A Kubernetes object that the state has."""

    urn: str
    reference: ObjectReference
    body: Mapping[str, Any] = field(repr=False)
    """As the last `up` applied it, secrets included."""
    secret_keys: frozenset[str]
    """The keys of the body whose values are secret, or have a secret in them."""
    stays: bool
    """Whether `pulumi destroy` leaves it in the cluster."""
    is_protected: bool = False
    """Whether `pulumi destroy` refuses to remove it."""

    @property
    def is_definition(self) -> bool:
        """Whether it is what may outlive the controllers: a CRD, or Flux's namespace."""
        return self.reference.kind in ("CustomResourceDefinition", "Namespace")

    @property
    def is_of_flux(self) -> bool:
        """Whether it is an object of Flux's own kinds."""
        return is_flux_api(api_group(str(self.body.get("apiVersion", ""))))


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
    generated_age_keys: tuple[str, ...] = ()
    """Names of keys whose seed is in the state: they go with it."""


def read_state(stack: StackName, folder: Path) -> StackState:
    """The state, as `pulumi stack export` has it. The kubeconfig in it needs the stack's passphrase or key.

    Raises:
        CommandError: pulumi does not give it.
    """
    document = _export(stack, folder, "--show-secrets")
    found = [each for each in _resources(document) if not each.get("delete")]
    provider = _provider(found)
    inputs = _mapping(provider, "inputs")
    kubeconfig = _text(_opened(inputs.get("kubeconfig")))
    keep_secret(kubeconfig)
    return StackState(
        objects=tuple(_object(each) for each in found if str(each.get("type", "")).startswith(OF_KUBERNETES)),
        is_empty=not found,
        kubeconfig=kubeconfig,
        context=_text(inputs.get("context")),
        cluster=_text(inputs.get("clusterIdentifier")),
        generated_age_keys=tuple(seed["name"] for each in found if (seed := _SEED.search(_text(each.get("urn"))))),
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
    _import(stack, folder, document)


def clear_pending_creates(stack: StackName, folder: Path) -> int:
    """Forget the creations that an interrupted run did not finish, by the state alone; how many there were.

    `pulumi refresh --clear-pending-creates` does the same, and then reads every object. Pulumi locks the stack while it takes the state
    back, so a run that began meanwhile makes this one fail.

    Raises:
        CommandError: pulumi does not give the state, or does not take it back.
    """
    document = _export(stack, folder)
    deployment = document.get("deployment") if isinstance(document, dict) else None
    pending = deployment.get("pending_operations") if isinstance(deployment, dict) else None
    if not isinstance(deployment, dict) or not isinstance(pending, list):
        return 0
    kept = [each for each in pending if not (isinstance(each, dict) and each.get("type") == "creating")]
    if len(kept) == len(pending):
        return 0
    deployment["pending_operations"] = kept
    _import(stack, folder, document)
    return len(pending) - len(kept)


def _import(stack: StackName, folder: Path, document: Any) -> None:
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
            f"`pulumi stack export --stack {stack.asked}` {error.wrong}", _NOTHING_DONE, "Check which pulumi is on PATH: pulumi version"
        )
        raise CommandError(told) from None


def _pulumi(folder: Path, *arguments: str) -> str:
    shown = f"pulumi {' '.join(arguments[:2])}"
    try:
        done = ask_pulumi(*arguments, folder=folder)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CommandError(Message(f"`{shown}` cannot be run ({type(error).__name__})", _NOTHING_DONE, put_on_path())) from None
    if done.returncode != 0:
        fix = "Log in to the backend, set the passphrase as for `pulumi up`, and name an existing stack with --stack."
        raise CommandError(Message(f"`{shown}` failed: {what_it_says(done) or 'it said nothing'}", _NOTHING_DONE, fix))
    return done.stdout


def _resources(document: Any) -> list[dict[str, Any]]:
    found = _mapping(document, "deployment").get("resources")
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _provider(resources: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The one that most of the objects have: `pulumi import` may have left another, which reaches whatever cluster is the current one."""
    used = Counter(_text(each.get("provider")).rpartition("::")[0] for each in resources)
    providers = [each for each in resources if each.get("type") == _PROVIDER]
    return max(providers, key=lambda each: used[_text(each.get("urn"))], default=None)


def _object(resource: Mapping[str, Any]) -> StateObject:
    inputs = _mapping(resource, "inputs")
    body = {str(key): _opened(value) for key, value in inputs.items()}
    metadata = _mapping(body, "metadata")
    reference = ObjectReference(*(_text(value) for value in (body.get("kind"), metadata.get("namespace"), metadata.get("name"))))
    return StateObject(
        urn=_text(resource.get("urn")),
        reference=reference,
        body=body,
        secret_keys=frozenset(str(key) for key, value in inputs.items() if _has_secret(value)),
        stays=resource.get("retainOnDelete") is True,
        is_protected=resource.get("protect") is True,
    )


def _mapping(document: Any, key: str) -> Mapping[str, Any]:
    found = document.get(key) if isinstance(document, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _is_secret(value: Any) -> bool:
    return isinstance(value, Mapping) and value.get(_SIGNATURE) == _OF_A_SECRET


def _has_secret(value: Any) -> bool:
    if isinstance(value, Mapping):
        return _is_secret(value) or any(map(_has_secret, value.values()))
    return isinstance(value, list) and any(map(_has_secret, value))


def _opened(value: Any) -> Any:
    """A value of the state; a secret one is JSON within `plaintext`."""
    if _is_secret(value):
        try:
            return json_value(_text(value.get("plaintext")), Bounds(size=8 * 1024 * 1024))
        except UnreadableError:
            return None
    if isinstance(value, Mapping):
        return {str(key): _opened(item) for key, item in value.items()}
    return [_opened(item) for item in value] if isinstance(value, list) else value


def target_of(state: StackState, stack: StackName) -> Target:
    """The cluster that `pulumi up` and `pulumi destroy` reach: the state says which. Without a state, the one of the stack file.

    Raises:
        CommandError: there is neither.
        KubeconfigError: the kubeconfig cannot be used.
    """
    if not state.kubeconfig:
        return replace(find_target(None, context_of(stack.short)), is_option=False)
    found = parse(state.kubeconfig, shown=_IN_THE_STATE)
    return Target(_IN_THE_STATE, found.reached(state.context or found.current_context), is_option=False)
