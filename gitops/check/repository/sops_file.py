"""Files that SOPS encrypted: for whom, and whether an object's name is still readable.

Only the metadata in plain text beside the data are read; nothing is decrypted. Formats:
https://getsops.io/docs (YAML, JSON and binary keep a tree under `sops`, dotenv and ini a flat form of it).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from math import comb
from typing import Any

from flux.bounded_documents import UnreadableError, json_value
from flux.keys.age_identity import bare_recipient
from gitops.check.repository.documents import A_FILE, YamlDocument, items, mapping, text
from gitops.check.repository.tree import Tree
from stacks.judging.other_keys import OTHER_KEYS

CIPHER = "ENC["
KEYS_IN_METADATA = {
    "pgp": "pgp",
    "kms": "aws-kms",
    "gcp_kms": "gcp-kms",
    "azure_kv": "azure-kv",
    "hc_vault": "vault",
    "hckms": "huawei-kms",
}
"""Key in the metadata → what tables and records call such a key (stacks.judging.other_keys.OTHER_KEYS)."""

_BY_COMMENTS = ("encrypted_comment_regex", "unencrypted_comment_regex")
_VALUE = re.compile(r"ENC\[AES256_GCM,data:[^,\]]*,iv:[^,\]]+,tag:[^,\]]+,type:\w+\]")
_MOST_COMBINATIONS = 1_000
_FLAT = re.compile(
    r"^(?:sops_)?(?P<groups>key_groups__list_\d+__map_)?(?P<type>[a-z_]+?)__list_\d+__map_(?P<field>\w+)\s*=\s*(?P<value>.*?)\s*$",
    re.MULTILINE,
)
_INI_SECTION = re.compile(r"^\[sops\]\s*$", re.MULTILINE)
_DOTENV_MARK = re.compile(r"^sops_(mac|version)=", re.MULTILINE)


GroupsAndThreshold = tuple[tuple[frozenset[str], ...], int]
"""Recipients of each key group, and how many groups are needed."""


@dataclass(frozen=True, kw_only=True)
class SopsFile:
    """An encrypted file."""

    path: str
    groups: tuple[frozenset[str], ...]
    """Recipients of each key group: age recipients, and the kinds of other keys."""
    threshold: int
    """How many groups are needed to decrypt."""
    hides_metadata: bool
    """Whether it is a Kubernetes object whose apiVersion, kind or metadata are encrypted, too."""
    is_object: bool
    """Whether it is a Kubernetes object, as far as can be seen."""
    one_by_one: bool = False
    """Whether its documents were encrypted separately: sops uses only the first one's keys, Flux those of each."""
    of_any_document: frozenset[str] = frozenset()
    """Then, all recipients of any of them; a key that reads only some is in no group."""
    by_comments: str = ""
    """The field of its rule, if comments say which of its values are encrypted."""

    @property
    def recipients(self) -> frozenset[str]:
        """All recipients, of any group."""
        return frozenset[str]().union(*self.groups)

    @property
    def every(self) -> frozenset[str]:
        """All recipients, also of only one of several documents."""
        return self.recipients | self.of_any_document

    @property
    def others(self) -> list[str]:
        """The kinds of keys besides age: `pgp`, `aws-kms`."""
        return sorted(self.recipients & OTHER_KEYS)

    def is_read_by(self, recipients: frozenset[str]) -> bool:
        """Whether the holder of the keys of `recipients` can decrypt it."""
        return sum(bool(group & recipients) for group in self.groups) >= self.threshold


def sops_file(tree: Tree, path: str) -> SopsFile | None:
    """The file as SOPS describes it; None when SOPS did not encrypt it."""
    content = tree.content(path)
    if b"sops" not in content or b"ENC[" not in content:
        return None
    if path.endswith((".yaml", ".yml")):
        return _of_documents(path, tree.documents(path) or [])
    written = tree.text(path)
    if written.lstrip().startswith("{"):
        try:
            return _of_documents(path, [YamlDocument(json_value(written, A_FILE), 1)])
        except UnreadableError:
            return None
    section = _INI_SECTION.search(written)
    if section or _DOTENV_MARK.search(written):
        groups, threshold = _flat_groups(written[section.end() :] if section else written)
        return SopsFile(path=path, groups=groups, threshold=threshold, hides_metadata=False, is_object=False)
    return None


def dotenv_entries(tree: Tree, path: str) -> list[tuple[str, str]]:
    """The entries of a dotenv file that SOPS encrypted, as written, without its metadata; none for any other file."""
    if path.endswith((".yaml", ".yml")) or not _DOTENV_MARK.search(tree.text(path)):
        return []
    lines = [line for line in tree.text(path).splitlines() if "=" in line and not line.startswith(("#", "sops_"))]
    return [(key, value) for key, _, value in (line.partition("=") for line in lines)]


def looks_broken(tree: Tree, path: str) -> bool:
    """Whether sops encrypted a file that is no longer YAML, as after a merge: its values are still encrypted."""
    content = tree.content(path)
    return path.endswith((".yaml", ".yml")) and b"ENC[" in content and b"sops:" in content and tree.documents(path) is None


def has_lost_metadata(tree: Tree, path: str) -> bool:
    """Whether a value in it was encrypted by SOPS, whose metadata are gone."""
    if b"ENC[AES256_GCM,data:" not in tree.content(path):
        return False
    return any(_has_value_of_sops(each.value) and not is_encrypted(each.value) for each in tree.documents(path) or [])


def _has_value_of_sops(value: Any) -> bool:
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict | list):
            waiting += each.values() if isinstance(each, dict) else each
        elif isinstance(each, str) and _VALUE.fullmatch(each):
            return True
    return False


def is_encrypted(document: Any) -> bool:
    """Whether a document carries SOPS's metadata."""
    return bool({"mac", "version"} & mapping(document, "sops").keys())


def hides_metadata(document: Any) -> bool:
    """Whether a Kubernetes object's own description is encrypted, so that it cannot be identified."""
    if not isinstance(document, dict):
        return False
    described = {key: document.get(key) for key in ("apiVersion", "kind", "metadata")}
    return document.keys() >= {"apiVersion", "kind"} and has_cipher(described)


def _of_documents(path: str, documents: list[YamlDocument]) -> SopsFile | None:
    encrypted = [document.value for document in documents if is_encrypted(document.value)]
    if not encrypted:
        return None
    metadata = [mapping(value, "sops") for value in encrypted]
    groups, threshold = _for_all(list(dict.fromkeys(_groups(each) for each in metadata)))
    return SopsFile(
        path=path,
        groups=groups,
        threshold=threshold,
        hides_metadata=any(hides_metadata(value) for value in encrypted),
        is_object=any(value.keys() >= {"apiVersion", "kind"} for value in encrypted),
        one_by_one=any(each != metadata[0] for each in metadata),
        of_any_document=frozenset[str]().union(*(group for each in metadata for group in _groups(each)[0])),
        by_comments=next((name for name in _BY_COMMENTS if any(text(each, name) for each in metadata)), ""),
    )


def _for_all(documents: list[GroupsAndThreshold]) -> GroupsAndThreshold:
    """The key groups of which all are needed by who is to read every one of these documents; those of the only one as they are."""
    if len(documents) == 1:
        return documents[0]
    needed = {each for groups, threshold in documents for each in _needed(groups, threshold)}
    least = sorted((each for each in needed if not any(other < each for other in needed)), key=sorted)
    return tuple(least), len(least)


def _needed(groups: tuple[frozenset[str], ...], threshold: int) -> Iterator[frozenset[str]]:
    """The same key groups as such of which all are needed: two of A, B and C are A or B, and B or C, and A or C."""
    of_each = max(0, len(groups) - threshold + 1)
    if comb(len(groups), of_each) > _MOST_COMBINATIONS:
        yield from groups  # as if all were needed: nobody has a dozen groups, and no file may keep the check busy
        return
    for enough in combinations(groups, of_each):
        yield frozenset[str]().union(*enough)


def _groups(metadata: dict[str, Any]) -> GroupsAndThreshold:
    listed = [group for group in items(metadata, "key_groups") if isinstance(group, dict)] or [metadata]
    groups = tuple(_recipients(group) for group in listed)
    threshold = metadata.get("shamir_threshold")
    return groups, threshold if isinstance(threshold, int) and threshold > 0 else len(groups)


def _recipients(group: dict[str, Any]) -> frozenset[str]:
    age = {bare_recipient(str(entry["recipient"])) for entry in items(group, "age") if isinstance(entry, dict) and "recipient" in entry}
    return frozenset(age | {name for key, name in KEYS_IN_METADATA.items() if items(group, key)})


def _flat_groups(written: str) -> GroupsAndThreshold:
    groups: dict[str, set[str]] = {}
    for found in _FLAT.finditer(written):
        group = groups.setdefault(found["groups"] or "", set())
        if found["type"] == "age" and found["field"] == "recipient":
            group.add(bare_recipient(found["value"]))
        elif found["type"] in KEYS_IN_METADATA:
            group.add(KEYS_IN_METADATA[found["type"]])
    threshold = re.search(r"^(?:sops_)?shamir_threshold\s*=\s*0*(\d{1,9})(?!\d)", written, re.MULTILINE)
    return tuple(map(frozenset, groups.values())) or (frozenset(),), int(threshold[1]) if threshold else len(groups) or 1


def has_cipher(value: Any) -> bool:
    """Whether a text in it is encrypted."""
    if isinstance(value, dict):
        return any(has_cipher(item) for item in value.values())
    if isinstance(value, list):
        return any(has_cipher(item) for item in value)
    return isinstance(value, str) and value.startswith(CIPHER)
