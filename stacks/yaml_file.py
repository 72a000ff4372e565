"""YAML as people write it: the values, and where each of them stands."""

import re
from collections.abc import Hashable
from pathlib import Path
from typing import Any

import yaml

from stacks.problems import Problem, StackProblems

KeyPath = tuple[str | int, ...]


class _Yaml12Loader(yaml.CSafeLoader):
    """YAML 1.2's core schema, as the Pulumi CLI reads stack files: `on` and `yes` are strings, and dates stay as written."""

    yaml_implicit_resolvers: dict[Any, Any] = {}  # noqa: RUF012 (PyYAML's own way to choose a schema)


for _tag, _pattern, _first in (
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
    ("int", r"^(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)$", "-+0123456789"),
    ("float", r"^(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?)$", "-+0123456789."),
    ("null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
    ("merge", r"^<<$", "<"),
):
    _Yaml12Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), list(_first))


def read_yaml(file: Path, shown: str) -> tuple[Any, dict[KeyPath, int]]:
    """Return the document's value, and key path → line (from 1).

    `shown` is how messages call the file. Raises StackProblems when it is missing, is not YAML, or gives a key twice (of
    which YAML readers silently keep the last).
    """
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise StackProblems([Problem(shown, f"there is no such file at {file}, so nothing is known about this stack")]) from None
    loader = _Yaml12Loader(text)
    try:
        node = loader.get_single_node()
        value = loader.construct_document(node) if node else None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        raise StackProblems([Problem(f"{shown}{line}", f"not YAML: {getattr(error, 'problem', None) or 'unreadable'}")]) from None
    finally:
        loader.dispose()
    lines: dict[KeyPath, int] = {}
    twice: list[Problem] = []
    if node is not None:
        _collect(node, (), lines, twice, shown)
    if twice:
        raise StackProblems(twice)
    return value, lines


def _collect(node: yaml.Node, path: KeyPath, lines: dict[KeyPath, int], twice: list[Problem], shown: str) -> None:
    if isinstance(node, yaml.MappingNode):
        seen: set[Hashable] = set()
        for key, child in node.value:
            name = str(key.value)
            line = key.start_mark.line + 1
            if name in seen:
                dotted = ".".join(str(part) for part in (*path, name))
                twice.append(Problem(f"{shown}:{line} {dotted}", "given twice; only the last would have counted. Remove one"))
            seen.add(name)
            lines[*path, name] = line
            _collect(child, (*path, name), lines, twice, shown)
    elif isinstance(node, yaml.SequenceNode):
        for index, child in enumerate(node.value):
            lines[*path, index] = child.start_mark.line + 1
            _collect(child, (*path, index), lines, twice, shown)


def line_of(lines: dict[KeyPath, int], path: KeyPath) -> int | None:
    """The line of `path`, else of the nearest part of it that the file has."""
    for length in range(len(path), 0, -1):
        if (line := lines.get(path[:length])) is not None:
            return line
    return None


def dotted(path: KeyPath) -> str:
    """A key path as people write it: `git.argo-workflows.spec.interval`."""
    return ".".join(str(part) for part in path)
