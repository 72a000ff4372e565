"""What is wrong with the cluster's age keys together: two names for one key, and keys that the installed Flux cannot use."""

from collections.abc import Mapping

from flux.keys.age_identity import POST_QUANTUM_RECIPIENT_PREFIX
from flux.message import Message
from flux.minor_version import minor_of
from stacks.contract.stack import Stack
from stacks.reading.validation import Validated
from stacks.words.problems import Problem

FIRST_WITH_POST_QUANTUM_KEYS = (2, 9)
"""Since kustomize-controller 1.9.0 (https://github.com/fluxcd/kustomize-controller/issues/1600)."""


def check_age_keys(stack: Validated[Stack], recipients: Mapping[str, str], flux_version: str, problems: list[Problem]) -> None:
    """Add a problem for each post-quantum key that the Flux of `flux_version` cannot read.

    Such a key announces itself by its recipient: the stated one, or that of its identity, where this is at hand (`recipients`).
    """
    minor = minor_of(flux_version)
    if minor is None or minor >= FIRST_WITH_POST_QUANTUM_KEYS:
        return
    for name, recipient in recipients.items():
        if recipient.startswith(POST_QUANTUM_RECIPIENT_PREFIX):
            stated = ("recipient",) if stack.model.age.supplied[name] else ()
            text = Message(
                f"is a post-quantum key, which Flux {flux_version} cannot read",
                "kustomize-controller would refuse the whole Secret, so it could not decrypt with any key.",
                "Install Flux 2.9 or newer first, or make the key with `age-keygen` without -pq.",
            )
            problems.append(Problem(stack.place("age", "keys", name, *stated), text))


def check_recipients_differ(recipients: Mapping[str, str], stack: Validated[Stack], problems: list[Problem]) -> None:
    """Add a problem for each key that is another one under a second name.

    `recipients`: those that are stated, and those of the identities that are at hand. Two that are stated alike are refused before,
    by the model.
    """
    first: dict[str, str] = {}
    for name, recipient in recipients.items():
        other = first.setdefault(recipient, name)
        if other != name:
            text = Message(
                f"{other} and {name} have the same recipient, so they are one key",
                "`sops updatekeys` would change nothing, and the old key could still decrypt what is meant for the new one.",
                f"Supply another identity: pulumi config set --secret gitops:age-{name}",
            )
            problems.append(Problem(stack.place("age", "keys", name), text))
