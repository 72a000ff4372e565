"""What the installed Flux cannot do with the cluster's age keys."""

from collections.abc import Mapping

from flux.age import POST_QUANTUM_RECIPIENT_PREFIX
from flux.rules.reading import minor_of
from stacks.model import Stack
from stacks.problems import Problem
from stacks.validation import Locate

FIRST_WITH_POST_QUANTUM_KEYS = (2, 9)
"""Since kustomize-controller 1.9.0 (https://github.com/fluxcd/kustomize-controller/issues/1600)."""


def check_age_keys(stack: Stack, recipients: Mapping[str, str], flux_version: str, locate_stack: Locate, problems: list[Problem]) -> None:
    """Add a problem for each post-quantum key that the Flux of `flux_version` cannot read.

    Such a key announces itself by its recipient: the stated one, or that of its identity, where this is at hand (`recipients`).
    """
    minor = minor_of(flux_version)
    if minor is None or minor >= FIRST_WITH_POST_QUANTUM_KEYS:
        return
    for name, recipient in recipients.items():
        if recipient.startswith(POST_QUANTUM_RECIPIENT_PREFIX):
            place = ("age", "keys", name, *(["recipient"] if stack.age.supplied[name] else []))
            text = (
                f"is a post-quantum key, which Flux {flux_version} cannot read: kustomize-controller would refuse the whole Secret, and "
                "decrypt nothing with any key; install Flux 2.9 or newer first, or make the key with `age-keygen` without -pq"
            )
            problems.append(Problem(locate_stack(place), text))
