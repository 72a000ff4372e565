"""YAML as people write it: a document, which is the values and the place of each."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from flux.bounded_documents import Bounds, UnreadableError, loader_of, nodes, not_yaml, read_text
from flux.message import Message
from flux.quick_loader import QuickLoader
from stacks.reading.document import Document, Places
from stacks.words.place import KeyPath, Layer, Place
from stacks.words.problems import Problem, StackProblems


class _Yaml12Loader(QuickLoader):
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
_MERGE, _STR, _MAP, _SEQ = (f"tag:yaml.org,2002:{name}" for name in ("merge", "str", "map", "seq"))
_OTHER_SCALARS = frozenset(f"tag:yaml.org,2002:{name}" for name in ("null", "bool", "int", "float"))
_CORE = {*_OTHER_SCALARS, _STR, _SEQ, _MAP, _MERGE}


@dataclass(frozen=True, kw_only=True)
class FileKind:
    """A kind of file, and the layer of its values."""

    layer: Layer
    layers: Mapping[str, Layer] = field(default_factory=dict)
    """First key → the layer of the values below it, if it is not `layer`."""
    within: str = ""
    """The key that holds everything; messages leave it out."""


A_FILE = Bounds(size=4 * 1024**2)
"""What is read of a file that people write for a stack. With 1,000 sources and 1,000 Kustomizations a catalog is 300 kB."""
_WITH_A_VALUE = re.compile(r"(?P<key>[a-z]{1,30}): +[^ #|>{\[]")
A_STACK_FILE = FileKind(layer="stack", layers={"gitops:override": "override", "gitops:hosts": "host"}, within="config")
A_CATALOG = FileKind(layer="catalog", layers={"defaults": "default", "hosts": "host"})
A_RECORD = FileKind(layer="record")


def whole_text(file: Path) -> str:
    """All that a file has, comments included; empty if it cannot be read, which the reader of its values reports."""
    try:
        return read_text(file, A_FILE)
    except (OSError, UnreadableError):
        return ""


def read_yaml(file: Path, shown: str, kind: FileKind = A_STACK_FILE) -> Document:
    """Return what a file holds.

    `shown` is how messages call the file. Raises StackProblems when it is missing, is not YAML, or gives a key twice (of
    which YAML readers silently keep the last).
    """
    problems: list[Problem] = []
    document = read_what_there_is(file, shown, kind, problems)
    if problems or document is None:
        raise StackProblems(problems)
    return document


def read_what_there_is(file: Path, shown: str, kind: FileKind, problems: list[Problem]) -> Document | None:
    """As `read_yaml`, but adds to `problems`: None where nothing can be read, and with the last of a key given twice."""

    def unreadable(wrong: str, fix: str, line: int = 0) -> None:
        place = Place(file=shown, line=line, layer=kind.layer)
        problems.append(Problem(place, Message(wrong, "Nothing in this file can be used.", fix)))

    try:
        text = read_text(file, A_FILE)
        loader = loader_of(text, _Yaml12Loader)
    except FileNotFoundError:
        unreadable(f"is missing: {file} does not exist", "Create it, or run this in the right directory.")
        return None
    except OSError as error:
        unreadable(f"cannot be read ({error.strerror})", "Make it a readable file.")
        return None
    except UnreadableError as error:
        unreadable(error.wrong, error.fix, error.line)
        return None
    walk, here = _Walk(shown, kind, loader), Place(file=shown, layer=kind.layer)
    try:
        read = list(nodes(loader, text, A_FILE))
        if len(read) > 1:
            line = read[1].start_mark.line + 1 if read[1].start_mark else 0
            raise UnreadableError("has more than one YAML document", "Remove the line `---` above the second one.", line)
        document = walk.read(read[0], (), here) if read else Document(None, Places(here))
        if walk.is_unusual and not walk.unreadable:
            document = Document(loader.construct_document(read[0]), document.places)  # PyYAML tells what is wrong
    except (UnreadableError, yaml.YAMLError) as error:
        told = error if isinstance(error, UnreadableError) else not_yaml(error)
        below = _below_a_value(text, told.line) if kind.within else None
        fix = f"Move this line up to the other keys of {kind.within}: {below} has no keys below it." if below else told.fix
        unreadable(told.wrong, fix, told.line)
        return None
    finally:
        loader.dispose()
    problems += walk.problems
    return None if walk.unreadable else document


def _below_a_value(text: str, line: int) -> str | None:
    """The key at the margin above an indented line, if it has a value beside it: Pulumi writes `encryptionsalt` last, below `config`."""
    lines = text.splitlines()[:line]
    if not lines or not lines[-1].startswith(" "):
        return None
    above = next((each for each in reversed(lines) if each[:1].strip(" #")), "")
    found = _WITH_A_VALUE.match(above)
    return found["key"] if found else None


class _Walk:
    """A walk through a document: each value and its place, and what cannot be read."""

    def __init__(self, shown: str, kind: FileKind, loader: yaml.CSafeLoader) -> None:
        self._shown, self._kind, self._loader = shown, kind, loader
        self.problems: list[Problem] = []
        self.unreadable = False
        self.is_unusual = False
        """Whether it has what makes no value: a tag of a list on a text, a list as a key."""

    def read(self, node: yaml.Node, path: KeyPath, here: Place) -> Document:
        """What is in `node`, which is at `path`."""
        if type(node) is yaml.ScalarNode:
            return Document(self._scalar(node, path), Places(here))
        if type(node) is yaml.MappingNode:
            self._check_tag(node, _MAP, path)
            value, below = self._mapping(node, path)
            return Document(value, Places(here, below))
        self._check_tag(node, _SEQ, path)
        items: list[Document] = []
        for index, child in enumerate(node.value):
            there = (*path, index)
            items.append(self.read(child, there, self._place(there, child.start_mark.line + 1)))
        return Document([item.value for item in items], Places(here, {index: item.places for index, item in enumerate(items)}))

    def _mapping(self, node: yaml.MappingNode, path: KeyPath) -> tuple[dict[Any, Any], dict[str | int, Places]]:
        value: dict[Any, Any] = {}
        below: dict[str | int, Places] = {}
        for key, child in node.value:
            if key.tag == _MERGE:
                self._merge(child, path, value, below)
        seen: set[str] = set()
        layer = self._place(path, 0).layer if len(path) > 1 else None  # which is that of all that is deeper, too
        start = path[1:] if path and path[0] == self._kind.within else path
        for key, child in node.value:
            if key.tag == _MERGE:
                continue
            name, line = str(key.value), key.start_mark.line + 1
            there = (*path, name)
            here = Place(file=self._shown, line=line, key=(*start, name), layer=layer) if layer else self._place(there, line)
            if name in seen:
                twice = Message("is given twice", "Only the last one would count.", "Remove one.")
                self.problems.append(Problem(here, twice))
            seen.add(name)
            known = self._scalar(key, there) if type(key) is yaml.ScalarNode else self._list_as_key(key, there)
            if child.tag == _STR and type(child) is yaml.ScalarNode:  # what nearly all are
                value[known], below[name] = child.value, Places(here)
            else:
                value[known], below[name] = self.read(child, there, here)
        return value, below

    def _merge(self, node: yaml.Node, path: KeyPath, value: dict[Any, Any], below: dict[str | int, Places]) -> None:
        """Of several mappings, the first one that has a key counts."""
        for each in reversed(node.value) if isinstance(node, yaml.SequenceNode) else [node]:
            merged = self.read(each, path, self._place(path, 0))
            if isinstance(merged.value, dict):
                value |= merged.value
                below |= merged.places.below
            else:
                self.is_unusual = True

    def _scalar(self, node: yaml.ScalarNode, path: KeyPath) -> Any:
        if node.tag == _STR:
            return node.value
        if node.tag in _OTHER_SCALARS:
            try:
                number = self._loader.construct_object(node)
            except (ValueError, KeyError):
                self._cannot_read(node, path, "is not a valid number", "Quote it if it is text.")
                return None
            if isinstance(number, float) and not math.isfinite(number):
                self._cannot_read(node, path, "is too large a number", "Quote it if it is text.")
            return number
        self._check_tag(node, _STR, path)
        return None

    def _list_as_key(self, node: yaml.Node, path: KeyPath) -> Any:
        self.is_unusual = True
        self._check_tag(node, node.tag, path)
        return None

    def _check_tag(self, node: yaml.Node, expected: str, path: KeyPath) -> None:
        """The core schema knows no other tags than those of JSON's values; and a tag must fit its value."""
        if node.tag not in _CORE:
            self._cannot_read(node, path, "has a YAML tag (`!…`), which is not supported", "Remove the tag.")
        elif node.tag != expected:
            self.is_unusual = True

    def _place(self, path: KeyPath, line: int) -> Place:
        key = path[1:] if path and path[0] == self._kind.within else path
        layer = self._kind.layers.get(str(key[0]), self._kind.layer) if key else self._kind.layer
        return Place(file=self._shown, line=line, key=key, layer=layer)

    def _cannot_read(self, node: yaml.Node, path: KeyPath, wrong: str, fix: str) -> None:
        place = self._place(path, node.start_mark.line + 1)
        self.problems.append(Problem(place, Message(wrong, "Nothing in this file can be used.", fix)))
        self.unreadable = True
