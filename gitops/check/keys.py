"""The recipients of a stack's age keys: as the stack file states them, as a secret at hand gives them, or as the stack's outputs say."""

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from flux.bounded_documents import Bounds, UnreadableError, json_value
from flux.keys.age_identity import recipient_of
from flux.known_secrets import keep_secret
from flux.message import Message
from gitops.check.findings.cluster_keys import ClusterKeys
from gitops.errors import CommandError
from gitops.pulumi_cli import StackName, pulumi_says
from stacks.contract.stack import Stack, secret_environment_variable
from stacks.judging.other_keys import other_keys_of

OUTPUTS = Bounds(size=8 * 1024 * 1024)
"""What is read of a stack's outputs."""


def cluster_keys(stack: Stack, stack_name: StackName, recorded: Mapping[str, str], without: Iterable[str], folder: Path) -> ClusterKeys:
    """Which keys stay and which go; `recorded` are those of the last check.

    Raises:
        CommandError: a recipient is unknown, or `without` does not name a key.
    """
    applied = _applied(stack_name, folder)
    known = {**recorded, **applied}
    stated = {name: recipient for name, key in stack.age.keys.items() if (recipient := _stated(name, key))}
    unknown = [name for name in stack.age.keys if name not in {**known, **stated}]
    if unknown:
        names = ", ".join(unknown)
        told = Message(
            f"the recipient of the age key {names} is unknown",
            "The check cannot tell what the cluster can read.",
            f"Set its secret ({secret_environment_variable(f'age-{unknown[0]}')}), write it in Pulumi.{stack_name.short}.yaml "
            f"(gitops:age, keys: {{{json.dumps(unknown[0])}: {{origin: …, recipient: age1…}}}}), or apply the stack first: pulumi up",
        )
        raise CommandError(told)
    gone = set(without)
    if strangers := sorted(gone - {*known, *stack.age.keys}):
        keys = ", ".join(sorted(stack.age.keys)) or "none"
        wrong = f"--without {strangers[0]}: the stack has no such age key"
        instead = f"Name one of its keys: {keys}. If it is already removed: gitops check"
        raise CommandError(Message(wrong, "The result would be the same.", instead))
    now = {name: stated.get(name) or known[name] for name in stack.age.keys}
    staying = {name: recipient for name, recipient in now.items() if name not in gone}
    leaving = {name: recipient for name, recipient in {**known, **now}.items() if name not in staying and recipient not in staying.values()}
    return ClusterKeys(staying=staying, leaving=leaving, people=tuple(stack.age.recipients), others=other_keys_of(stack))


def _stated(name: str, key: Any) -> str | None:
    recipient = getattr(key, "recipient", None)
    if isinstance(recipient, str):
        return recipient
    identity = os.environ.get(secret_environment_variable(f"age-{name}"))
    keep_secret(identity)
    try:
        return recipient_of(identity) if identity else None
    except ValueError:
        return None  # the settings were read before, and would have refused what is no identity


def _applied(stack_name: StackName, folder: Path) -> dict[str, str]:
    """Key → recipient, of what was applied last; nothing where pulumi or the stack's state is not set."""
    said = pulumi_says("stack", "output", "ageRecipients", "--stack", stack_name.asked, "--json", folder=folder)
    try:
        found = json_value(said or "{}", OUTPUTS)
    except UnreadableError:
        return {}
    return (
        {str(name): recipient for name, recipient in found.items() if isinstance(recipient, str) and recipient.startswith("age1")}
        if isinstance(found, dict)
        else {}
    )
