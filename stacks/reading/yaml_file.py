"""YAML as people write it: the values, and where each of them stands."""

import math
import re
from pathlib import Path
from typing import Any

import yaml

from stacks.words.place import KeyPath, dotted
from stacks.words.problems import Problem, StackProblems


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


def _integer(loader: _Yaml12Loader, node: yaml.ScalarNode) -> int:
    """YAML 1.2's integers: 010 is ten, where PyYAML would read eight."""
    return int(node.value, 0 if node.value.startswith(("0o", "0x")) else 10)


_Yaml12Loader.add_constructor("tag:yaml.org,2002:int", _integer)
_MERGE = "tag:yaml.org,2002:merge"
_CORE = {*(f"tag:yaml.org,2002:{name}" for name in ("null", "bool", "int", "float", "str", "seq", "map")), _MERGE}


def read_yaml(file: Path, shown: str) -> tuple[Any, dict[KeyPath, int]]:
    """Return the document's value, and key path → line (from 1).

    `shown` is how messages call the file. Raises StackProblems when it is missing, is not YAML, or gives a key twice (of
    which YAML readers silently keep the last).
    """
    problems: list[Problem] = []
    value, lines = read_what_there_is(file, shown, problems)
    if problems or lines is None:
        raise StackProblems(problems)
    return value, lines


def read_what_there_is(file: Path, shown: str, problems: list[Problem]) -> tuple[Any, dict[KeyPath, int] | None]:
    """As `read_yaml`, but adds to `problems`: without lines when there is no value, and with the last of a key given twice."""
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        problems.append(Problem(shown, f"there is no such file at {file}, so nothing is known about this stack"))
        return None, None
    except OSError as error:
        problems.append(Problem(shown, f"cannot be read ({error.strerror}), so nothing is known about this stack; make it a readable file"))
        return None, None
    except UnicodeDecodeError as error:
        number = error.object[: error.start].count(b"\n") + 1
        problems.append(Problem(f"{shown}:{number}", "not YAML: the file is not UTF-8; save it as UTF-8"))
        return None, None
    loader = _Yaml12Loader(text)
    places = _Places(shown, loader)
    try:
        node = loader.get_single_node()
        if node is not None:
            places.collect(node, ())
        value = loader.construct_document(node) if node is not None and not places.unreadable else None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        problems.append(Problem(f"{shown}{line}", f"not YAML: {getattr(error, 'problem', None) or 'unreadable'}"))
        return None, None
    except RecursionError:
        problems.append(
            Problem(shown, "is nested too deeply to be read, so nothing is known about this stack; write less of it into one value")
        )
        return None, None
    finally:
        loader.dispose()
    problems += places.problems
    return value, None if places.unreadable else places.lines


class _Places:
    """Where each value of a document stands, and what of it nobody could read."""

    def __init__(self, shown: str, loader: yaml.CSafeLoader) -> None:
        self.shown = shown
        self._loader = loader
        self.lines: dict[KeyPath, int] = {}
        self.problems: list[Problem] = []
        self.unreadable = False
        self._open: list[yaml.Node] = []

    def collect(self, node: yaml.Node, path: KeyPath) -> None:
        """Remember the lines of all that is in `node`, which stands at `path`."""
        if any(node is each for each in self._open):
            self._cannot_read(node, path, "contains itself, by its own anchor, so it would have no end; write the values out")
            return
        self._open.append(node)
        if isinstance(node, yaml.MappingNode):
            self._collect_keys(node, path)
        elif isinstance(node, yaml.SequenceNode):
            for index, child in enumerate(node.value):
                self.lines[*path, index] = child.start_mark.line + 1
                self.collect(child, (*path, index))
        self._check_scalar(node, path)
        self._open.pop()

    def _collect_keys(self, node: yaml.MappingNode, path: KeyPath) -> None:
        seen: set[str] = set()
        merged = [child for key, child in node.value if key.tag == _MERGE]
        for each in merged:
            for child in each.value if isinstance(each, yaml.SequenceNode) else [each]:
                self.collect(child, path)
        for key, child in node.value:
            if key.tag == _MERGE:
                continue
            name, line = str(key.value), key.start_mark.line + 1
            if name in seen:
                self.problems.append(
                    Problem(f"{self.shown}:{line} {dotted((*path, name))}", "given twice; only the last would have counted. Remove one")
                )
            seen.add(name)
            self.lines[*path, name] = line
            self._check_scalar(key, (*path, name))
            self.collect(child, (*path, name))

    def _check_scalar(self, node: yaml.Node, path: KeyPath) -> None:
        """The core schema knows no other tags than those of JSON's values; and a tag must fit its value."""
        if node.tag not in _CORE:
            self._cannot_read(node, path, "has a YAML tag (`!…`), which nothing here reads; remove the tag")
        elif isinstance(node, yaml.ScalarNode) and node.tag.endswith((":int", ":float", ":bool", ":null")):
            try:
                number = self._loader.construct_object(node)
            except (ValueError, KeyError):
                self._cannot_read(node, path, "is no number that can be read; quote it if it is text")
            else:
                if isinstance(number, float) and not math.isfinite(number):
                    self._cannot_read(node, path, "is larger than any number that can be read; quote it if it is text")

    def _cannot_read(self, node: yaml.Node, path: KeyPath, text: str) -> None:
        self.problems.append(Problem(f"{self.shown}:{node.start_mark.line + 1} {dotted(path)}".rstrip(), text))
        self.unreadable = True


def line_of(lines: dict[KeyPath, int], path: KeyPath) -> int | None:
    """The line of `path`, else of the nearest part of it that the file has."""
    for length in range(len(path), 0, -1):
        if (line := lines.get(path[:length])) is not None:
            return line
    return None
