"""The reader of what a run is given besides the catalog: Pulumi's config, the stack's name, the environment, the kubeconfig."""

import os
from functools import cached_property
from pathlib import Path
from typing import Any

import pulumi
import pulumi.runtime.config

from flux.close_names import close_to
from flux.keys.age import RecipientMismatchError, RecipientUndeclaredError, recipient_of
from flux.secret_shapes import holds_private_key
from stacks.contract.stack import Cluster, Stack, secret_environment_variable, secret_keys
from stacks.inputs.stack_kubeconfig import read_kubeconfig
from stacks.inputs.unknown_secret import unknown_secret
from stacks.judging.removed_keys import RecordFile
from stacks.reading.set_aside import SetAside
from stacks.reading.yaml_file import line_of, read_yaml
from stacks.words.did_you_mean import nearest
from stacks.words.disclosed_keys import disclosed
from stacks.words.place import KeyPath, dotted
from stacks.words.problems import Problem, StackProblems

PROJECT_DIRECTORY = Path(__file__).parents[2]
PREFIX = "gitops:"
OFFLINE_MANIFESTS = "GITOPS_FLUX_MANIFESTS"
"""A directory that previews, and only they, use when the registry cannot be reached; its version must be the stack's."""
_PLAIN_KEYS = frozenset(field.alias or "" for field in Stack.model_fields.values())
_OBVIOUS = 0.8
"""How like a key that is not there another must be, to be taken for it."""
_TEXT_KEYS = ("environment", "onDestroy")


class Reader:
    """Reads config and environment; adds to `problems` what is missing or misplaced."""

    def __init__(self, problems: list[Problem]) -> None:
        self._problems = problems
        self.aside = SetAside()
        """What of the stack file is there, and cannot be read."""
        self._config = pulumi.Config("gitops")
        self._preview = pulumi.runtime.is_dry_run()
        self._only_values = self._config.get("environment") in ("production", "staging")

    @cached_property
    def _lines(self) -> dict[KeyPath, int]:
        try:
            return read_yaml(PROJECT_DIRECTORY / self._file, self._file)[1]
        except StackProblems:
            return {}  # given another way than by a stack file: messages then name the key alone

    @property
    def stack_name(self) -> str:
        """`dev`."""
        return pulumi.get_stack()

    @property
    def _file(self) -> str:
        return f"Pulumi.{self.stack_name}.yaml"

    def locate(self, path: KeyPath) -> str:
        """`Pulumi.dev.yaml:12 gitops:cluster.server`."""
        key = f"{PREFIX}{path[0]}" if path else PREFIX
        line = line_of(self._lines, ("config", key, *path[1:]) if path else ("config",))
        shown = dotted((key, *path[1:]))
        return f"{self._file}{f':{line}' if line else ''} {shown}"

    def values(self) -> dict[str, Any]:
        """The stack file's plain values, by key without prefix."""
        values = {}
        for field in Stack.model_fields.values():
            key = field.alias or ""
            if self._config.get(key) is None:
                continue
            if pulumi.runtime.config.is_config_secret(PREFIX + key):
                text = (
                    "holds a secret inside, which would land in the state in plain text. "
                    f"Give each secret a key of its own: pulumi config set --secret {PREFIX}<name>-<field>"
                )
                self._problems.append(Problem(self.locate((key,)), text))
                self.aside.put((key,), None)
                continue
            try:
                value = self._config.get(key) if key in _TEXT_KEYS else self._config.get_object(key)
            except pulumi.ConfigTypeError:
                value = self._config.get(key)  # a scalar; the model says what belongs there
            values[key] = self._with_environment(value, (key,))
        for meant in self._misspelt.values():
            self.aside.put((meant,), None)
        return values

    @cached_property
    def _given(self) -> list[str]:
        """The keys under `gitops:`, without prefix."""
        given = {**pulumi.runtime.config.get_config_env(), **pulumi.runtime.config.CONFIG.get()}
        return [key.removeprefix(PREFIX) for key in given if key.startswith(PREFIX)]

    @cached_property
    def _misspelt(self) -> dict[str, str]:
        """Keys that nothing reads, and that can only be one that is not there; what that one lacks is not told besides."""
        absent = _PLAIN_KEYS - set(self._given)
        plain = [key for key in self._given if key not in _PLAIN_KEYS and self._is_plain(key)]
        return {key: meant[0] for key in plain if (meant := close_to(key, absent, count=1, cutoff=_OBVIOUS))}

    def _with_environment(self, value: Any, path: KeyPath) -> Any:
        if isinstance(value, dict) and set(value) == {"env"}:
            name = str(value["env"])
            if self._only_values:
                text = "takes its value from the environment of whoever runs it, which only `environment: development` may. Write the value"
                self._problems.append(Problem(self.locate(path), text))
            elif name not in os.environ:
                text = f'the environment variable {name} is not set, so its value is unknown. Run: eval "$(make -s env)"'
                self._problems.append(Problem(self.locate(path), text))
            if name not in os.environ:
                self.aside.put(path, None)
            return os.environ.get(name)
        if isinstance(value, dict):
            return {key: self._with_environment(item, (*path, key)) for key, item in value.items()}
        if isinstance(value, list):
            return [self._with_environment(item, (*path, index)) for index, item in enumerate(value)]
        return value

    def check_keys(self, stack: Stack) -> None:
        """Report keys under `gitops:` that nothing reads, and secrets that stand in plain text."""
        expected = secret_keys(stack)
        for key in self._given:
            full_key = PREFIX + key
            if key in _PLAIN_KEYS:
                continue
            if holds_private_key(key) or (self._is_plain(key) and holds_private_key(self._config.get(key))):
                self._problems.append(Problem(self.locate((key,)), disclosed(full_key if key in expected else None)))
                continue
            if key not in expected:
                if key not in self._misspelt and self._may_be_read(key):
                    continue
                text = f"nothing reads this key, so it would have had no effect{nearest(key, [*_PLAIN_KEYS, *expected])}"
                if pulumi.runtime.config.is_config_secret(full_key):
                    text += f"{'' if text.endswith('?') else '.'} If what read it is gone from the stack: pulumi config rm {full_key}"
                self._problems.append(Problem(self.locate((key,)), text))
            elif self._is_plain(key):
                text = f"is a secret in plain text, for everyone who reads the file. Replace it: pulumi config set --secret {full_key}"
                self._problems.append(Problem(self.locate((key,)), text))

    def _is_plain(self, key: str) -> bool:
        """Whether the value stands in the file for everyone to read."""
        return not pulumi.runtime.config.is_config_secret(PREFIX + key)

    def _may_be_read(self, key: str) -> bool:
        """Whether a faulty part of the stack file may ask for this secret."""
        if self.aside.holds("credentials") or (self.aside.touches("age", "keys") and key.startswith("age-")):
            return True
        if self.aside.touches("decryption", "keyServices") and key.startswith("sops-"):
            return True
        return any(key.startswith(f"{name}-") for name in self.aside.below("credentials")) or (
            key == "kubeconfig" and self.aside.touches("cluster", "kubeconfig")
        )

    def secret(self, key: str) -> tuple[str | None, pulumi.Input[str]]:
        """The value for checking, when it is known, and the secret Output to use."""
        value = self._config.get(key)
        if value is None:
            # Empty where a workflow may not see the secret, as in a fork's pull request.
            value = os.environ.get(secret_environment_variable(key)) or None
        if value is not None:
            return value, pulumi.Output.secret(value)
        if not self._preview:
            text = (
                "is missing, so what needs it could not be made; it is never made up. "
                f"Run: pulumi config set --secret {PREFIX}{key}, or set {secret_environment_variable(key)}"
            )
            self._problems.append(Problem(f"{PREFIX}{key}", text))
        return None, unknown_secret()

    def locate_secret(self, key: str) -> str:
        """Where a secret was found: its line of the stack file, else its name alone, as it came another way."""
        return self.locate((key,)) if ("config", PREFIX + key) in self._lines else PREFIX + key

    def age_identity(self, name: str, recipient: str | None) -> tuple[pulumi.Input[str], str | None]:
        """A supplied age key, which must be that of `recipient` when the stack file states it; and its recipient, as far as it is known."""
        value, secret = self.secret(f"age-{name}")
        if value is None:
            return secret, recipient
        place = ("age", "keys", name)
        try:
            return secret, recipient_of(value, recipient)
        except RecipientUndeclaredError as error:
            line = f'{{"{name}": {{origin: supplied, recipient: age1pq1…}}}}'
            text = f"{error}, so nothing could be encrypted for it; write {line}, with what `age-keygen -y` prints for {PREFIX}age-{name}"
            self._problems.append(Problem(self.locate(place), text))
        except RecipientMismatchError as error:
            text = (
                f"{error}: Flux could not decrypt what is encrypted for that one. Write the identity's own recipient, which "
                f"`age-keygen -y` prints, or supply the other identity: pulumi config set --secret {PREFIX}age-{name}"
            )
            self._problems.append(Problem(self.locate((*place, "recipient")), text))
        except ValueError as error:
            text = (
                f"{error}; Flux could decrypt nothing with it. `age-keygen` makes one; to set it: "
                f"pulumi config set --secret {PREFIX}age-{name}"
            )
            self._problems.append(Problem(self.locate_secret(f"age-{name}"), text))
        return secret, recipient

    def kubeconfig(self, cluster: Cluster) -> pulumi.Input[str]:
        """The kubeconfig reduced to the stack's cluster; unknown in a preview that has none."""
        if self.aside.touches("cluster", "kubeconfig") or self.aside.touches("cluster", "context"):
            return unknown_secret()
        text = read_kubeconfig(cluster, lambda: self.secret("kubeconfig")[0], self._problems, preview=self._preview)
        return unknown_secret() if text is None else pulumi.Output.secret(text)

    def check_record(self, stack: Stack) -> RecordFile:
        """The file in which `gitops check` records what it saw of the stack's repositories."""
        shown = stack.check_record or f"checked/{self.stack_name}.yaml"
        return RecordFile(PROJECT_DIRECTORY / shown, shown)

    @property
    def offline_manifests(self) -> Path | None:
        """The copy of Flux's manifests that this preview uses; None in `up`, always."""
        named = os.environ.get(OFFLINE_MANIFESTS)
        return Path(named) if named and self._preview else None
