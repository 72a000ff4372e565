"""What kustomize printed, as objects that know their file and line.

With `buildMetadata: [originAnnotations]`, each object says which file it comes from, seen from the directory that was built. Where in
the file it begins is found by its kind and name, which prefixes and suffixes may have changed.
"""

from collections.abc import Iterator
from typing import Any

from flux.bounded_documents import Bounds
from gitops.check.follow.built_object import BuiltObject
from gitops.check.follow.gathered import Gathered
from gitops.check.follow.gathering import bodies_of
from gitops.check.repository.documents import mapping, parse, text
from gitops.check.repository.tree import joined

OUTPUT = Bounds(size=64 * 1024**2, values=4_000_000)
"""What is read of a build."""
_ORIGIN = "config.kubernetes.io/origin"


def objects_of(printed: str, gathered: Gathered, directory: str) -> list[BuiltObject]:
    """The objects of a build of `directory`.

    Raises:
        UnreadableError: there are more than is read, or the output is not YAML.
    """
    lines = _Lines(gathered)
    return [_object(each.value, gathered, directory, lines) for each in parse(printed, OUTPUT) if isinstance(each.value, dict)]


def _object(body: dict[str, Any], gathered: Gathered, directory: str, lines: "_Lines") -> BuiltObject:
    metadata = mapping(body, "metadata")
    annotations = mapping(metadata, "annotations")
    origin = _fields(text(annotations, _ORIGIN))
    if _ORIGIN in annotations:
        others = {key: value for key, value in annotations.items() if key != _ORIGIN}
        kept = {key: value for key, value in metadata.items() if key != "annotations"}
        body = {**body, "metadata": {**kept, **({"annotations": others} if others else {})}}
    file = joined(directory, origin.get("path", ""))
    if "path" in origin and file in gathered.resources:
        return BuiltObject(body=body, file=file, line=lines.of(file, body))
    maker = joined(directory, origin.get("configuredIn", ""))
    file = maker if maker in gathered.kustomizations else gathered.kustomizations[0]
    return BuiltObject(body=body, file=file, line=0, is_generated=True)


def _fields(origin: str) -> dict[str, str]:
    """The annotation is YAML, but of one shape: a parser for each of thousands of objects would take longer than the build."""
    pairs = (line.partition(": ") for line in origin.splitlines() if line and not line[0].isspace())
    return {key: _unquoted(value) for key, separator, value in pairs if separator}


def _unquoted(value: str) -> str:
    if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
        found = parse(value)
        return str(found[0].value) if found else ""
    return value


class _Lines:
    """Where the objects of files begin."""

    def __init__(self, gathered: Gathered) -> None:
        self._tree = gathered.tree
        self._known: dict[str, list[tuple[str, str, int]]] = {}

    def of(self, file: str, body: dict[str, Any]) -> int:
        if file not in self._known:
            self._known[file] = list(self._written(file))
        kind, name = text(body, "kind"), text(body, "metadata", "name")
        found = [each for each in self._known[file] if each[0] == kind] or self._known[file]
        best = max(found, key=lambda each: (each[1] == name, len(each[1]) if each[1] in name else 0), default=("", "", 0))
        return best[2]

    def _written(self, file: str) -> Iterator[tuple[str, str, int]]:
        for document in self._tree.documents(file) or []:
            for body in bodies_of(document):
                yield text(body, "kind"), text(body, "metadata", "name"), document.line


def as_written(gathered: Gathered, files: list[str]) -> list[BuiltObject]:
    """The objects of files that kustomize did not build."""
    return [
        BuiltObject(body=body, file=file, line=document.line, is_as_written=True)
        for file in files
        for document in gathered.tree.documents(file) or []
        for body in bodies_of(document)
        if isinstance(body, dict) and (is_named(body) or "sops" in body)
    ]


def is_named(body: dict[str, Any]) -> bool:
    """Whether an object has a kind and a name."""
    return bool(text(body, "kind") and text(body, "metadata", "name"))
