"""YAML files with many documents, and where each of them begins."""

from dataclasses import dataclass, field
from typing import Any

import yaml

from flux.bounded_documents import Bounds, documents
from flux.quick_loader import QuickLoader

A_FILE = Bounds(size=16 * 1024**2, values=400_000)
"""What is read of a file in a repository. The largest known are bundles of CRDs: 5 MB, 200,000 values."""


@dataclass(frozen=True)
class YamlDocument:
    """One document of a file."""

    value: Any = field(repr=False)
    line: int
    """Where it begins, from 1."""


class _Loader(QuickLoader):
    """Values stay as they are written where their type does not matter here; an unknown tag is no error."""


def _anything(loader: _Loader, _suffix: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return node.value


_Loader.add_multi_constructor("", _anything)
_Loader.add_constructor("tag:yaml.org,2002:timestamp", lambda _, node: node.value)


def parse(text: str, bounds: Bounds = A_FILE) -> list[YamlDocument]:
    """The documents of `text` that hold something.

    Raises:
        UnreadableError: it is not YAML, or exceeds `bounds`: what is read of a repository's file, if nothing else is said.
    """
    return [YamlDocument(value, line) for value, line in documents(text, bounds, _Loader) if value is not None]


def mapping(value: Any, *path: str) -> dict[str, Any]:
    """The object at `path`, else an empty one."""
    for part in path:
        value = value.get(part) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def text(value: Any, *path: str) -> str:
    """The text at `path`, else an empty one."""
    found = mapping(value, *path[:-1]).get(path[-1])
    return found if isinstance(found, str) else ""


def items(value: Any, key: str) -> list[Any]:
    """The list under `key`, else an empty one."""
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, list) else []


def texts(value: Any, key: str) -> list[str]:
    """The texts of the list under `key`."""
    return [item for item in items(value, key) if isinstance(item, str)]
