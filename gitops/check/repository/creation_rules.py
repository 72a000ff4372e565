"""`.sops.yaml`: which rule sops would follow for a file, and what that rule encrypts for whom.

As https://getsops.io/docs describes it: the first rule whose path_regex is found in the path, seen from the file's directory, wins.
"""

from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath
from typing import Any

import yaml

from flux.bounded_documents import loader_of, nodes
from flux.go_regex import LONGEST_PATTERN, is_found
from flux.keys.age_identity import bare_recipient
from gitops.check.repository.documents import A_FILE, items, mapping, text
from gitops.check.repository.sops_file import KEYS_IN_METADATA
from gitops.check.repository.tree import Tree

CONFIG_FILE = ".sops.yaml"
DESCRIPTION = ("apiVersion", "kind", "metadata")
"""The parts of a Kubernetes object that must stay readable."""
SECRET_PARTS = ("data", "stringData")
"""The parts of a Secret that must not."""
_PATTERNS = ("path_regex", "encrypted_regex", "unencrypted_regex")
_OTHER_KEYS = {**KEYS_IN_METADATA, "azure_keyvault": "azure-kv", "hc_vault_transit_uri": "vault"}


@dataclass(frozen=True)
class CreationRule:
    """A creation rule."""

    file: str
    line: int
    value: dict[str, Any]

    def covers(self, path: str) -> bool:
        """Whether sops would follow it for a path of the repository, if no earlier one did."""
        directory = str(PurePosixPath(self.file).parent)
        seen = path if directory == "." else path.removeprefix(f"{directory}/")
        return is_found(text(self.value, "path_regex"), seen) is not False  # of a pattern that sops refuses, nothing is said

    @cached_property
    def recipients(self) -> frozenset[str]:
        """The age recipients for which it encrypts."""
        groups = [group for group in items(self.value, "key_groups") if isinstance(group, dict)]
        return frozenset(recipient for group in [self.value, *groups] for recipient in _age_recipients(group.get("age")))

    @property
    def other_keys(self) -> frozenset[str]:
        """The kinds of keys besides age's for which it encrypts, too."""
        groups = [group for group in items(self.value, "key_groups") if isinstance(group, dict)]
        return frozenset(kind for group in [self.value, *groups] for key, kind in _OTHER_KEYS.items() if group.get(key))

    @property
    def hides_descriptions(self) -> bool:
        """Whether it would encrypt the apiVersion, kind or metadata of a Kubernetes object."""
        if pattern := text(self.value, "encrypted_regex"):
            return any(is_found(pattern, key) for key in DESCRIPTION)
        if pattern := text(self.value, "unencrypted_regex"):
            return any(is_found(pattern, key) is False for key in DESCRIPTION)
        return not any(text(self.value, key) for key in ("encrypted_suffix", "encrypted_comment_regex"))

    @property
    def plain_parts(self) -> list[str]:
        """Which of `data` and `stringData` of a Secret it would leave readable under ordinary keys.

        Empty if comments choose what is encrypted, because they are in each file.
        """
        return [part for part in SECRET_PARTS if not self._encrypts(part)]

    def _encrypts(self, key: str) -> bool:
        """Whether it encrypts everything under a key at the top of a file, for any keys below it."""
        if pattern := text(self.value, "encrypted_regex"):
            return is_found(pattern, key) is not False
        if pattern := text(self.value, "unencrypted_regex"):
            return not is_found(pattern, key)
        if suffix := text(self.value, "encrypted_suffix"):
            return key.endswith(suffix)
        suffix = text(self.value, "unencrypted_suffix")
        return not suffix or not key.endswith(suffix)

    @property
    def refused_patterns(self) -> list[str]:
        """Its fields with a pattern that Go, and so sops, cannot compile."""
        patterns = {name: text(self.value, name) for name in _PATTERNS}
        return [name for name, pattern in patterns.items() if 0 < len(pattern) <= LONGEST_PATTERN and is_found(pattern, "") is None]


class SopsConfig:
    """The .sops.yaml files of a repository. sops reads the nearest above the directory in which it is run, and no other."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._rules = {file: _rules(tree, file) for file in tree.files if PurePosixPath(file).name == CONFIG_FILE}

    def __bool__(self) -> bool:
        return bool(self._rules)

    @property
    def broken(self) -> list[str]:
        """Those that are no YAML."""
        return [file for file in self._rules if self._tree.documents(file) is None and file not in self._tree.not_read]

    @property
    def rules(self) -> list[CreationRule]:
        """All of all files."""
        return [rule for rules in self._rules.values() for rule in rules]

    def nearest(self, path: str) -> str:
        """The .sops.yaml that sops reads in the directory of `path`; empty if there is none."""
        return next((file for parent in PurePosixPath(path).parents if (file := str(parent / CONFIG_FILE)) in self._rules), "")

    def rule_for(self, path: str) -> CreationRule | None:
        """The rule that sops would follow for `path`, run in its directory, or else in one above it."""
        for parent in PurePosixPath(path).parents:
            for rule in self._rules.get(str(parent / CONFIG_FILE), ()):
                if rule.covers(path):
                    return rule
        return None


def _rules(tree: Tree, file: str) -> list[CreationRule]:
    documents = tree.documents(file)
    if not documents:
        return []
    value = documents[0].value
    lines = _lines(tree.text(file))
    found = [rule if isinstance(rule, dict) else {} for rule in items(value, "creation_rules")]
    return [CreationRule(file, lines[index] if index < len(lines) else 0, rule) for index, rule in enumerate(found)]


def _lines(written: str) -> list[int]:
    """Where each creation rule of the first document begins."""
    loader = loader_of(written, yaml.CSafeLoader)
    try:
        root = next(nodes(loader, written, A_FILE), None)
    finally:
        loader.dispose()
    pairs = root.value if isinstance(root, yaml.MappingNode) else []
    sequences = [value for key, value in pairs if key.value == "creation_rules" and isinstance(value, yaml.SequenceNode)]
    return [node.start_mark.line + 1 for node in sequences[0].value] if sequences else []


def _age_recipients(value: Any) -> list[str]:
    listed = value if isinstance(value, list) else str(value or "").split(",")
    found = [mapping(each).get("recipient") if isinstance(each, dict) else each for each in listed]
    return [bare_recipient(str(each).strip()) for each in found if str(each or "").strip()]
