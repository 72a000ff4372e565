"""Generators, transformers and validators of a kustomization.yaml: the built-in ones, written into it.

A file or directory with their configuration becomes text within the kustomization.yaml, so that the paths in it can be looked up first.
Flux runs no other plugins: neither programs, nor containers, nor Helm.
"""

import json
from typing import Any

from flux.bounded_documents import UnreadableError
from flux.message import Message
from gitops.check import requirements
from gitops.check.follow.gathered import Gathered, seen_from
from gitops.check.follow.kustomization_fields import known_fields, with_known_case
from gitops.check.repository.documents import parse, text, texts

FIELDS_OF_PLUGINS = ("generators", "transformers", "validators")
_KINDS_WITH_FILES = {
    "PatchTransformer": ("path",),
    "PatchJson6902Transformer": ("path",),
    "PatchStrategicMergeTransformer": ("paths",),
    "ConfigMapGenerator": ("files", "envs", "env"),
    "SecretGenerator": ("files", "envs", "env"),
    "ReplacementTransformer": ("replacements",),
}
_KINDS = {
    *_KINDS_WITH_FILES,
    *("AnnotationsTransformer", "HashTransformer", "IAMPolicyGenerator", "ImageTagTransformer", "LabelTransformer", "NamespaceTransformer"),
    *("PrefixTransformer", "PrefixSuffixTransformer", "ReplicaCountTransformer", "SortOrderTransformer", "SuffixTransformer"),
    "ValueAddTransformer",
}
_MOST_TEXT = 1024**2
"""Characters of configurations in one field: a file of them may be named many times."""
_ONE_PATH = ("path", "env")
_NAMED_PATHS = ("files",)


def plugins_of(gathered: Gathered, directory: str, kustomization: str, entries: list[str]) -> list[str]:
    """The configurations that these entries name, each as text."""
    found: list[str] = []
    for entry in entries:
        if sum(map(len, found)) > _MOST_TEXT:
            gathered.not_followed(kustomization, "configures more plugins than are read", 0)
            break
        for value in _documents(gathered, directory, kustomization, entry):
            if (plugin := _judged(gathered, directory, kustomization, value)) is not None:
                found.append(json.dumps(plugin, default=str))
    return found


def _documents(gathered: Gathered, directory: str, kustomization: str, entry: str) -> list[Any]:
    inline = _inline(entry)
    if inline is not None:
        return inline
    path = gathered.looked_up(directory, entry, kustomization)
    return [] if path is None else _of_path(gathered, path, kustomization, entry)


def _of_path(gathered: Gathered, path: str, kustomization: str, entry: str) -> list[Any]:
    tree = gathered.tree
    if path in tree.shipped:
        documents = tree.documents(path)
        if documents is None and path not in tree.not_read:
            line = tree.not_yaml.get(path, 0)
            gathered.complain(path, tree.why_not_yaml(path), "Correct its syntax.", requirements.NOT_YAML, line)
        return [each.value for each in documents or []]
    inner = tree.kustomization_in(path)
    value = (tree.documents(inner) or []) if inner else []
    fields, others = known_fields(value[0].value) if value and isinstance(value[0].value, dict) else ({}, ["?"])
    if inner is None or others or fields.keys() - {"apiVersion", "kind", "metadata", "resources"}:
        line = gathered.line_of(kustomization, entry)
        gathered.not_followed(kustomization, f"configures plugins with the directory {entry}, whose kustomization.yaml changes them", line)
        return []
    resources = [gathered.looked_up(path, each, inner) for each in texts(fields, "resources")]
    files = [each for each in resources if each is not None and each in tree.shipped]
    return [document for each in files for document in _of_path(gathered, each, inner, each)]


def is_inline(entry: str) -> bool:
    """Whether an entry is what it could name: no path and no address that kustomize takes has a line break or begins so."""
    return "\n" in entry.strip() or entry.startswith("{")


def _inline(entry: str) -> list[Any] | None:
    """The documents that an entry itself is; None where it is a path."""
    if not is_inline(entry):
        return None
    try:
        return [each.value for each in parse(entry)]
    except UnreadableError:
        return [None]


def _judged(gathered: Gathered, directory: str, kustomization: str, value: Any) -> dict[str, Any] | None:
    kind = text(value, "kind")
    line = gathered.line_of(kustomization, kind)
    if text(value, "apiVersion") != "builtin" or kind not in _KINDS:
        shown = f"the plugin {kind}" if kind else "a plugin without a kind"
        fix = "Use a transformer or generator that is built in (apiVersion: builtin)."
        consequence = f"Flux runs no programs, containers or Helm charts for kustomize: {gathered.who} could not be built."
        gathered.complain(kustomization, f"uses {shown}", fix, requirements.NOT_BUILT, line, consequence)
        return None
    plugin: dict[str, Any] = with_known_case(value, _KINDS_WITH_FILES.get(kind, ()))
    for name in _KINDS_WITH_FILES.get(kind, ()):
        if isinstance(plugin.get(name), list):
            plugin[name] = _each(gathered, directory, kustomization, name, plugin[name])
        elif plugin.get(name) and isinstance(plugin[name], str) and name in _ONE_PATH:
            plugin[name] = _copied(gathered, directory, kustomization, plugin[name])
            if not plugin[name]:
                return None
    return plugin


def _each(gathered: Gathered, directory: str, kustomization: str, name: str, values: list[Any]) -> list[Any]:
    """The values of a field that names files, with the paths of this repository; what is missing is left out."""
    found: list[Any] = []
    for value in values:
        if name == "replacements":
            found += _replacement(gathered, directory, kustomization, value)
        elif not isinstance(value, str) or (name == "paths" and is_inline(value)):
            found.append(value)
        else:
            key, _, path = value.rpartition("=") if name in _NAMED_PATHS else ("", "", value)
            if copied := _copied(gathered, directory, kustomization, path):
                found.append(f"{key or path.rpartition('/')[2]}={copied}" if name in _NAMED_PATHS else copied)
    return found


def _replacement(gathered: Gathered, directory: str, kustomization: str, value: Any) -> list[Any]:
    written = with_known_case(value, ("path",))
    if isinstance(written, dict) and isinstance(written.get("path"), str):
        written["path"] = _copied(gathered, directory, kustomization, written["path"])
        return [written] if written["path"] else []
    return [written]


def _copied(gathered: Gathered, directory: str, kustomization: str, written: str) -> str:
    """A file as kustomize finds it; nothing where it is not there, which it then refuses."""
    path = gathered.looked_up(directory, written, kustomization)
    if path is None or path not in gathered.tree.shipped:
        return ""
    gathered.copy(path)
    return seen_from(directory, path)


def unknown_field(who: str, name: str, *, is_root: bool) -> Message:
    """What happens to a field that kustomize does not know."""
    if is_root:
        return Message(f"has the unknown field {name}", "Flux ignores it in the kustomization.yaml of a path.", "Correct or remove it.")
    return Message(f"has the unknown field {name}", f"kustomize refuses it: {who} could not be built.", "Correct or remove it.")
