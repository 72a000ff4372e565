"""The types of Kubernetes' built-in objects, as Kubernetes itself publishes them: fields, and how their lists are merged.

kubernetes_types.json is gathered from its OpenAPI description by tests/gather_kubernetes_types.py. It is read where something is patched,
and nowhere else.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from flux.bounded_documents import Bounds, json_value

TypeNode = Mapping[str, Any]
"""A node of a structural schema, as a CRD has it."""
_FILE = Path(__file__).with_name("kubernetes_types.json")
_BOUNDS = Bounds(size=512 * 1024)
_ANYTHING: TypeNode = {"x-kubernetes-preserve-unknown-fields": True}
_SPECIAL: Mapping[str, TypeNode] = {
    "Quantity": _ANYTHING,
    "IntOrString": {"x-kubernetes-int-or-string": True},
    "Time": {"type": "string"},
    "FieldsV1": {"type": "object", **_ANYTHING},
}
"""Types whose JSON form the description does not say, or says as two forms."""


@dataclass(frozen=True)
class Merging:
    """How a strategic merge patch changes the value of a field: https://github.com/kubernetes/community, "Strategic Merge Patch"."""

    key: str | None = None
    """The field by which items of the list are distinguished; None: they are plain values."""
    is_list: bool = False
    """Whether the list is merged at all; any other is replaced."""


def gathered_from() -> str:
    """The Kubernetes version of the description: `1.37`."""
    return str(_described()["kubernetes"])


def is_built_in(kind: str) -> bool:
    """Whether `kind` is one of those that are described."""
    return kind in _types()


def type_of(kind: str) -> TypeNode:
    """The type of a kind; empty for one that is not built in, such as a CRD, whose patches Kubernetes merges as JSON."""
    return _types().get(kind, {})


def field_of(node: TypeNode, name: str) -> TypeNode:
    """The type of a field; empty where nothing is known of it."""
    others = node.get("additionalProperties")
    found = node.get("properties", {}).get(name, others if isinstance(others, Mapping) else {})
    return found if isinstance(found, Mapping) else {}


def resolved(node: TypeNode) -> TypeNode:
    """The type that `node` names, where it is only a name."""
    name = node.get("is")
    return {**_types()[name], **node} if isinstance(name, str) and name in _types() else node


def merging_of(node: TypeNode) -> Merging:
    """How a field of this type is merged."""
    is_list = "merge" in str(node.get("strategy", "")).split(",")
    return Merging(key=node.get("mergeKey"), is_list=is_list)


@cache
def schema_of(kind: str) -> TypeNode:
    """The type of a kind as one structural schema, with every name resolved."""
    return _expanded(type_of(kind), ())


def _expanded(node: TypeNode, within: tuple[str, ...]) -> TypeNode:
    name = node.get("is")
    if isinstance(name, str):
        if name in _SPECIAL:
            return _SPECIAL[name]
        if name in within:
            return _ANYTHING
        return _expanded(_types()[name], (*within, name))
    expanded = {key: each for key, each in node.items() if key in ("type", "format", "required")}
    if "properties" in node:
        expanded["properties"] = {key: _expanded(each, within) for key, each in node["properties"].items()}
    for key in ("items", "additionalProperties"):
        if isinstance(node.get(key), Mapping):
            expanded[key] = _expanded(node[key], within)
    return expanded


@cache
def _described() -> Mapping[str, Any]:
    described = json_value(_FILE.read_bytes(), _BOUNDS)
    assert isinstance(described, dict)  # noqa: S101 (a file of this program)
    return described


def _types() -> Mapping[str, TypeNode]:
    types: Mapping[str, TypeNode] = _described()["types"]
    return types
