"""The stack file as Pulumi's config hands it over: a document with the places of the file, and its keys."""

import re
from functools import cached_property
from typing import Any

import pulumi
import pulumi.runtime.config

from flux.close_names import close_to
from flux.listing import suggestion
from flux.message import Message
from flux.requirement import REFUSING
from flux.secret_shapes import holds_private_key
from stacks.contract.names import PREFIX
from stacks.contract.stack import Stack, secret_keys
from stacks.inputs.environment_values import with_environment
from stacks.inputs.project_directory import project_directory
from stacks.reading.document import Document, Places
from stacks.reading.model_walk import keys_of, takes_text
from stacks.reading.record_file import RecordFile
from stacks.reading.set_aside import SetAside
from stacks.reading.yaml_file import read_yaml
from stacks.words.did_you_mean import did_you_mean
from stacks.words.disclosed_keys import disclosed
from stacks.words.place import Place
from stacks.words.problems import Problem, StackProblems

RECORDS = "checked"
_RECORD = re.compile(rf"{RECORDS}/[A-Za-z0-9][A-Za-z0-9._-]*\.yaml")
_FIELDS = keys_of(Stack)
_OBVIOUS = 0.8
"""How similar to a missing key another key must be to be taken for it."""
_DECIDES = "environment"
"""Decides how the rest is read, and so cannot come from the environment."""


class StackConfig:
    """Everything under `gitops:` of one stack; adds to `problems` what is missing or misplaced."""

    def __init__(self, problems: list[Problem]) -> None:
        self._problems = problems
        self.aside = SetAside()
        """The parts of the stack file that exist but cannot be read."""
        self._config = pulumi.Config("gitops")
        self.stack_name = pulumi.get_stack()
        """`dev`."""
        self.project_name = pulumi.get_project()
        """`gitops`, as Pulumi.yaml says."""

    @cached_property
    def _file(self) -> Places:
        """Of the stack file as a whole."""
        file = f"Pulumi.{self.stack_name}.yaml"
        try:
            return read_yaml(project_directory() / file, file).places
        except StackProblems:
            return Places(Place(file=file))  # given otherwise than by a stack file: messages then name the key alone

    @cached_property
    def _places(self) -> Places:
        """Of the keys under `gitops:`, without it."""
        file = self._file.here.file
        written = self._file.below.get("config") or Places(Place(file=file))
        below: dict[str | int, Places] = {key: Places(Place(file=file, line=written.here.line, key=(PREFIX + key,))) for key in _FIELDS}
        below |= {str(key).removeprefix(PREFIX): each for key, each in written.below.items()}
        return Places(written.here, below)

    def place(self, key: str, *below: str | int) -> Place:
        """The place of a key."""
        if self._places.has((key,)):
            return self._places.of((key, *below))
        return Place(file=self._places.here.file, line=self._places.here.line, key=(PREFIX + key, *below))

    def is_written(self, key: str) -> bool:
        """Whether the stack file itself has this key; it may come another way."""
        return key not in _FIELDS and self._places.has((key,))

    def document(self) -> Document:
        """What the stack file says, by key without prefix."""
        values = {}
        for key, field in _FIELDS.items():
            if self._config.get(key) is None:
                continue
            if pulumi.runtime.config.is_config_secret(PREFIX + key):
                text = Message(
                    "holds a secret",
                    "It would be in Pulumi's state in plain text.",
                    f"Give each secret its own key: pulumi config set --secret {PREFIX}<name>-<field>",
                )
                self._problems.append(Problem(self.place(key), text))
                self.aside.put((key,))
                continue
            values[key] = self._value(key, is_text=takes_text(field.annotation))
        for meant in [*self._misspelt.values(), *self._of_another_prefix.values()]:
            self.aside.put((meant,))
        if not values and (instead := self._instead_of_config):
            text = Message("is not a key of a stack file", "Pulumi would ignore it, and everything below it.", suggestion(["config"]))
            self._problems.append(Problem(self._file.of((instead,)), text))
            for key in _FIELDS:
                self.aside.put((key,))
        allowed = values.get(_DECIDES) not in REFUSING
        return with_environment(Document(values, self._places), self.aside, self._problems, allowed=allowed)

    def _value(self, key: str, *, is_text: bool) -> Any:
        """The CLI hands over texts as they are, and objects as JSON."""
        written = self._config.get(key)
        if key == _DECIDES:
            return written
        try:
            value = self._config.get_object(key)
        except pulumi.ConfigTypeError:
            return written  # the model says what belongs there
        return written if is_text and not isinstance(value, dict | list) else value

    @cached_property
    def _all_keys(self) -> list[str]:
        return [*{**pulumi.runtime.config.get_config_env(), **pulumi.runtime.config.CONFIG.get()}]

    @cached_property
    def _given(self) -> list[str]:
        """The keys under `gitops:`, without prefix."""
        return [key.removeprefix(PREFIX) for key in self._all_keys if key.startswith(PREFIX)]

    @cached_property
    def _instead_of_config(self) -> str | None:
        """A key of the file that is a misspelt `config`."""
        written = [] if "config" in self._file.below else [key for key in self._file.below if isinstance(key, str)]
        return next((key for key in written if close_to(key.lower(), ["config"], cutoff=_OBVIOUS)), None)

    @cached_property
    def _misspelt(self) -> dict[str, str]:
        """Unknown keys that are obviously a misspelt missing key; the missing key is not reported as well."""
        absent = _FIELDS.keys() - set(self._given)
        plain = [key for key in self._given if key not in _FIELDS and self._is_plain(key)]
        return {key: meant[0] for key in plain if (meant := close_to(key, absent, count=1, cutoff=_OBVIOUS))}

    @cached_property
    def _of_another_prefix(self) -> dict[str, str]:
        """Keys under a prefix that can only be a misspelt `gitops:` → the key that is meant."""
        prefixes = {key: key.partition(":")[0] for key in self._all_keys}
        return {
            key: key.removeprefix(f"{prefix}:")
            for key, prefix in prefixes.items()
            if f"{prefix}:" != PREFIX and close_to(prefix, [PREFIX.rstrip(":")], cutoff=_OBVIOUS)
        }

    def check_keys(self, stack: Stack) -> None:
        """Report unknown and misplaced keys, and secrets in plain text."""
        expected = secret_keys(stack)
        for key in self._file.below:
            if isinstance(key, str) and key.startswith(PREFIX):
                beside = Message(
                    "is outside `config`", "Pulumi would ignore it.", "Move it below `config:`, indented as the other keys are."
                )
                self._problems.append(Problem(self._file.of((key,)), beside))
        config = self._file.below.get("config")
        for key in config.below if config is not None else ():
            full_key = f"{self.project_name}:{key}"
            if config is not None and isinstance(key, str) and ":" not in key and full_key in config.below:
                twice = Message(f"is given twice, as {full_key}, too", "Only one of them would count.", "Remove one.")
                self._problems.append(Problem(self._file.of(("config", key)), twice))
        for key, meant in self._of_another_prefix.items():
            text = Message("does not begin with `gitops:`", "It would have no effect.", suggestion([f"{PREFIX}{meant}"]))
            self._problems.append(Problem(self._places.of((key,)), text))
        for key in self._given:
            fault = None if key in _FIELDS else self._fault(key, expected)
            if fault is not None:
                self._problems.append(Problem(self.place(key), fault))

    def _fault(self, key: str, expected: list[str]) -> Message | None:
        full_key = PREFIX + key
        if holds_private_key(key) or (self._is_plain(key) and holds_private_key(self._config.get(key))):
            return disclosed(full_key if key in expected else None)
        if key in expected:
            replace = f"Replace it: pulumi config set --secret {full_key}"
            return Message("is a secret in plain text", "Everyone who can read the file has it.", replace) if self._is_plain(key) else None
        if key not in self._misspelt and self._may_be_read(key):
            return None
        fix = did_you_mean(key, [*_FIELDS, *expected])
        if not self._is_plain(key):
            fix += f" If the stack no longer needs it, run: pulumi config rm {full_key}"
        return Message("is an unknown key", "It would have no effect.", fix)

    def _is_plain(self, key: str) -> bool:
        """Whether the value is in plain text in the file."""
        return not pulumi.runtime.config.is_config_secret(PREFIX + key)

    def _may_be_read(self, key: str) -> bool:
        """Whether a faulty part of the stack file may ask for this secret."""
        if self.aside.holds("credentials") or (self.aside.touches("age", "keys") and key.startswith("age-")):
            return True
        if self.aside.touches("decryption", "keyServices") and key.startswith("sops-"):
            return True
        if self.aside.touches("decryption", "pgpKeys") and key.startswith("pgp-"):
            return True
        return any(key.startswith(f"{name}-") for name in self.aside.names("credentials")) or (
            key == "kubeconfig" and self.aside.touches("cluster", "kubeconfig")
        )

    def check_record(self, stack: Stack) -> RecordFile:
        """The file in which `gitops check` records what it saw of the stack's repositories."""
        default = f"{RECORDS}/{self.stack_name}.yaml"
        shown = stack.check_record or default
        if isinstance(self._value("checkRecord", is_text=True), dict):
            return RecordFile(project_directory() / shown, shown)  # named by the environment, which may name any file
        if not _RECORD.fullmatch(shown):
            told = Message(
                f"is not a file in {RECORDS}/",
                "`gitops check` writes to it, so the author of this file could replace any other file.",
                f"Write {default}, or remove this key, which means the same.",
            )
            self._problems.append(Problem(self.place("checkRecord"), told))
            shown = default
        return RecordFile(project_directory() / shown, shown, within=project_directory() / RECORDS)
