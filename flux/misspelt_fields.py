"""Bodies as they are meant where a field is misspelt: rules judge those, and so miss no field that is already reported."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from flux.finding import Finding
from flux.key_path import KeyPath


def as_meant(body: Mapping[str, Any], findings: Iterable[Finding]) -> Mapping[str, Any]:
    """`body`, of which the schema found `findings`, with the names of its fields as they are meant."""
    # The innermost first: the paths of the others stay as they are.
    for each in sorted((each for each in findings if each.meant is not None), key=lambda each: -len(each.path)):
        body = _renamed(body, each.path, str(each.meant))
    return body


def as_written(finding: Finding, misspelt: Iterable[Finding]) -> Finding:
    """`finding`, about a body as it is meant, with the path that is written."""
    path = finding.path
    for each in sorted((each for each in misspelt if each.meant is not None), key=lambda each: len(each.path)):
        depth = len(each.path) - 1
        if path[:depth] == each.path[:depth] and path[depth : depth + 1] == (each.meant,):
            path = (*each.path, *path[depth + 1 :])
    return replace(finding, path=path)


def _renamed(value: Any, path: KeyPath, name: str) -> Any:
    part = path[0]
    if isinstance(value, list) and isinstance(part, int):
        return [_renamed(item, path[1:], name) if index == part else item for index, item in enumerate(value)]
    if len(path) > 1:
        return {**value, part: _renamed(value[part], path[1:], name)}
    # Where both are written, the right one stays as it is.
    return {name if key == part and name not in value else key: item for key, item in value.items()}
