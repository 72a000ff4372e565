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
from stacks.reading.document import Document, Places
from stacks.words.place import KeyPath, Layer, Place
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
A_STACK_FILE = FileKind(layer="stack", layers={"gitops:override": "override", "gitops:hosts": "host"}, within="config")
A_CATALOG = FileKind(layer="catalog", layers={"defaults": "default", "hosts": "host"})
A_RECORD = FileKind(layer="record")


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
    here = Place(file=shown, layer=kind.layer)

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
    walk = _Walk(here, kind, loader)
    try:
        read = list(nodes(loader, text, A_FILE))
        if len(read) > 1:
            line = read[1].start_mark.line + 1 if read[1].start_mark else 0
            raise UnreadableError("has more than one YAML document", "Remove the line `---` above the second one.", line)
        node = read[0] if read else None
        places = walk.places(node, (), 0) if node is not None else Places(here)
        value = loader.construct_document(node) if node is not None and not walk.unreadable else None
    except (UnreadableError, yaml.YAMLError) as error:
        told = error if isinstance(error, UnreadableError) else not_yaml(error)
        unreadable(told.wrong, told.fix, told.line)
        return None
    finally:
        loader.dispose()
    problems += walk.problems
    return None if walk.unreadable else Document(value, places)


class _Walk:
    """A walk through a document: the place of each value, and what cannot be read."""

    def __init__(self, here: Place, kind: FileKind, loader: yaml.CSafeLoader) -> None:
        self._here, self._kind, self._loader = here, kind, loader
        self.problems: list[Problem] = []
        self.unreadable = False

    def places(self, node: yaml.Node, path: KeyPath, line: int) -> Places:
        """The places of everything in `node`, which is at `path`, in this line."""
        here = self._place(path, line)
        self._check_scalar(node, path)
        if isinstance(node, yaml.ScalarNode):
            return Places(here)
        if isinstance(node, yaml.MappingNode):
            return Places(here, self._of_keys(node, path))
        items = enumerate(node.value)
        return Places(here, {index: self.places(child, (*path, index), child.start_mark.line + 1) for index, child in items})

    def _of_keys(self, node: yaml.MappingNode, path: KeyPath) -> dict[str | int, Places]:
        below: dict[str | int, Places] = {}
        for key, child in node.value:
            if key.tag == _MERGE:
                for each in child.value if isinstance(child, yaml.SequenceNode) else [child]:
                    below |= self.places(each, path, 0).below
        seen: set[str] = set()
        for key, child in node.value:
            if key.tag == _MERGE:
                continue
            name, line = str(key.value), key.start_mark.line + 1
            if name in seen:
                twice = Message("is given twice", "Only the last one would count.", "Remove one.")
                self.problems.append(Problem(self._place((*path, name), line), twice))
            seen.add(name)
            self._check_scalar(key, (*path, name))
            below[name] = self.places(child, (*path, name), line)
        return below

    def _place(self, path: KeyPath, line: int) -> Place:
        key = path[1:] if path and path[0] == self._kind.within else path
        layer = self._kind.layers.get(str(key[0]), self._kind.layer) if key else self._kind.layer
        return Place(file=self._here.file, line=line, key=key, layer=layer)

    def _check_scalar(self, node: yaml.Node, path: KeyPath) -> None:
        """The core schema knows no other tags than those of JSON's values; and a tag must fit its value."""
        if node.tag not in _CORE:
            self._cannot_read(node, path, "has a YAML tag (`!…`), which is not supported", "Remove the tag.")
        elif isinstance(node, yaml.ScalarNode) and node.tag.endswith((":int", ":float", ":bool", ":null")):
            try:
                number = self._loader.construct_object(node)
            except (ValueError, KeyError):
                self._cannot_read(node, path, "is not a valid number", "Quote it if it is text.")
            else:
                if isinstance(number, float) and not math.isfinite(number):
                    self._cannot_read(node, path, "is too large a number", "Quote it if it is text.")

    def _cannot_read(self, node: yaml.Node, path: KeyPath, wrong: str, fix: str) -> None:
        place = self._place(path, node.start_mark.line + 1)
        self.problems.append(Problem(place, Message(wrong, "Nothing in this file can be used.", fix)))
        self.unreadable = True
