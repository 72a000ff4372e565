"""Secrets from Pulumi's config, or else from the environment. A preview continues without them, and lists those that it lacks."""

import os
from pathlib import Path

import pulumi
import pulumi.runtime

from flux.keys.age_identity import RecipientMismatchError, RecipientUndeclaredError, recipient_of
from flux.known_secrets import keep_secret
from flux.message import Message
from stacks.contract.names import OFFLINE_MANIFESTS, PREFIX
from stacks.contract.stack import Stack, secret_environment_variable
from stacks.inputs.config import StackConfig
from stacks.inputs.pinned_cluster import PinnedCluster
from stacks.inputs.stack_kubeconfig import read_kubeconfig
from stacks.inputs.unknown_secret import unknown_secret
from stacks.reading.validation import Validated
from stacks.words import log
from stacks.words.place import Place, outside
from stacks.words.problems import Problem

KUBECONFIG = "kubeconfig"
"""A secret whose lines are names for the most part; live/access/kubeconfig_parser.py finds the secrets in it."""


class ConfigSecrets:
    """Reads secrets of one stack; adds to `problems` those that `up` lacks, and those that cannot be used."""

    def __init__(self, config: StackConfig, problems: list[Problem]) -> None:
        self._stack = config
        self._problems = problems
        self._config = pulumi.Config("gitops")
        self.preview = pulumi.runtime.is_dry_run()
        self._unknown: list[str] = []

    def secret(self, key: str) -> tuple[str | None, pulumi.Input[str]]:
        """The value for checking, when it is known, and the secret Output to use."""
        value = self._config.get(key)
        if value is None:
            # Empty where a workflow may not see the secret, as in a fork's pull request.
            value = os.environ.get(secret_environment_variable(key)) or None
        if value is not None:
            if key != KUBECONFIG:
                keep_secret(value)
            return value, pulumi.Output.secret(value)
        if self.preview:
            self._unknown.append(key)
        else:
            text = Message(
                "is missing",
                "The objects that need it could not be created.",
                f"Run: pulumi config set --secret {PREFIX}{key}, or set {secret_environment_variable(key)}",
            )
            self._problems.append(Problem(outside(PREFIX + key), text))
        return None, unknown_secret()

    def locate_secret(self, key: str) -> Place:
        """Where a secret was found: its line of the stack file, or only its name if it came another way."""
        return self._stack.place(key) if self._stack.is_written(key) else outside(PREFIX + key)

    def tell_unknown(self) -> None:
        """List once which secrets this preview lacks."""
        if unknown := sorted(set(self._unknown)):
            one = len(unknown) == 1
            what = "1 secret is not set, shown" if one else f"{len(unknown)} secrets are not set, shown"
            command = f"pulumi config set --secret {PREFIX}{unknown[0] if one else '<name>'}"
            log.info(f"{what} as unknown: {', '.join(unknown)}. `pulumi up` would refuse. To set {'it' if one else 'each'}: {command}")

    def age_identity(self, name: str, recipient: str | None) -> tuple[pulumi.Input[str], str | None]:
        """A supplied age key, which must be that of `recipient` when the stack file states it; and its recipient, as far as it is known."""
        value, secret = self.secret(f"age-{name}")
        if value is None:
            return secret, recipient
        place = ("age", "keys", name)
        set_it = f"pulumi config set --secret {PREFIX}age-{name}"
        try:
            return secret, recipient_of(value, recipient)
        except RecipientUndeclaredError as error:
            line = f'{{"{name}": {{origin: supplied, recipient: age1pq1…}}}}'
            fix = f"Write {line}, with what `age-keygen -y` prints for {PREFIX}age-{name}."
            self._problems.append(Problem(self._stack.place(*place), Message(str(error), "Nothing could be encrypted for it.", fix)))
        except RecipientMismatchError as error:
            fix = f"Write the identity's own recipient, which `age-keygen -y` prints, or supply the other identity: {set_it}"
            told = Message(str(error), "Flux could not decrypt what is encrypted for the declared one.", fix)
            self._problems.append(Problem(self._stack.place(*place, "recipient"), told))
        except ValueError as error:
            fix = f"Make one with `age-keygen`. To set it: {set_it}"
            told = Message(str(error), "Flux could not decrypt anything with it.", fix)
            self._problems.append(Problem(self.locate_secret(f"age-{name}"), told))
        return secret, recipient

    def cluster(self, stack: Validated[Stack]) -> PinnedCluster | None:
        """The stack's cluster, found in the kubeconfig; None in a preview that has none."""
        aside = self._stack.aside
        if aside.touches("cluster", "kubeconfig") or aside.touches("cluster", "context"):
            return None
        return read_kubeconfig(stack, lambda: self.secret(KUBECONFIG)[0], self._problems, preview=self.preview)

    @property
    def offline_manifests(self) -> Path | None:
        """The copy of Flux's manifests that this preview uses; None in `up`, always."""
        named = os.environ.get(OFFLINE_MANIFESTS)
        return Path(named) if named and self.preview else None
