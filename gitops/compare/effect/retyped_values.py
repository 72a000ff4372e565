"""Variables whose value is no text where the API server takes only text: Flux replaces them in YAML, and reads that again.

kustomize writes `"${NUMBER}"` without its quotes, so `data: {answer: "${NUMBER}"}` becomes `data: {answer: 42}`, which is refused
(https://fluxcd.io/flux/components/kustomize/kustomizations/#post-build-variable-substitution).
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from flux.message import Message
from gitops.check.follow.built_object import BuiltObject
from gitops.check.follow.known_variables import KnownVariables, is_left_alone, substituted
from gitops.check.repository.documents import items, mapping

_NO_TEXT = re.compile(
    r"""
    [-+]? (?: 0x[0-9a-f_]+ | 0b[01_]+ | 0o?[0-7_]+ | [0-9][0-9_]* )
    | [-+]? (?: \.[0-9]+ | [0-9][0-9_]*(?:\.[0-9_]*)? ) (?: e[-+]?[0-9]+ )?
    | y | yes | n | no | on | off | true | false
    """,
    re.IGNORECASE | re.VERBOSE,
)
"""What YAML 1.1 takes for a number or a boolean."""
_QUOTED = re.compile(r": |\s#|^\s|\s$|\n")
"""What kustomize writes in quotes, whatever it stands for."""
_TEXTS = {"ConfigMap": ("data",), "Secret": ("data", "stringData")}
_GROUPS_WITH_PODS = ("", "apps", "batch")


def retyped_value(item: BuiltObject, known: KnownVariables) -> Message | None:
    """Why the API server refuses an object; None if it does not."""
    if not known.is_substituted or is_left_alone(item.body):
        return None
    for path, value in _texts(item):
        if not isinstance(value, str) or "${" not in value or _QUOTED.search(value):
            continue
        becomes = substituted({"it": value}, known)["it"]
        if becomes != value and _NO_TEXT.fullmatch(becomes):
            wrong = f"{item} has {path}: {value}, which becomes {becomes}: a number or a boolean, where only text is allowed"
            return Message(wrong, "The API server refuses it.", "Write other text into the same value, or another value.")
    return None


def _texts(item: BuiltObject) -> Iterator[tuple[str, Any]]:
    """Values that have to be text."""
    for path in (("metadata", "labels"), ("metadata", "annotations"), *((part,) for part in _TEXTS.get(item.kind, ()) if not item.group)):
        for key, value in mapping(item.body, *path).items():
            yield ".".join((*path, str(key))), value
    if item.group in _GROUPS_WITH_PODS:
        yield from _of_containers(mapping(item.body, "spec"))


def _of_containers(spec: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    pod = mapping(dict(spec), "jobTemplate", "spec", "template", "spec") or mapping(dict(spec), "template", "spec") or dict(spec)
    for container in (*items(pod, "initContainers"), *items(pod, "containers")):
        for variable in items(container, "env"):
            if isinstance(variable, dict):
                yield f"env {variable.get('name')}", variable.get("value")
