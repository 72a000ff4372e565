"""What is left out of a file because its fault was told: it is there, and nothing more is known of it.

So one fault hides no other: the rest is judged without the faulty thing. And nothing is told that is wrong only because of that:
whoever misses something in a file asks here first whether it was set aside.
"""

from typing import Any

from stacks.reading.document import has
from stacks.words.place import KeyPath

_DEPTH = 2
"""What is left out: an entry of the catalog, a credential, an override, a setting of the cluster; never a part of one, whose other
parts could be wrong only without it."""


class SetAside:
    """The key paths of one file that are left out, with what stood there."""

    def __init__(self) -> None:
        self.parts: list[tuple[KeyPath, Any]] = []

    def put(self, path: KeyPath, value: Any = None) -> KeyPath:
        """Leave out what holds the faulty `path` of the whole `value`; the path of what that is."""
        path = path[:_DEPTH]
        for part in path:
            value = value[part] if has(value, part) else None
        self.parts.append((path, value))
        return path

    def touches(self, *path: str | int) -> bool:
        """Whether anything at, above or below `path` is left out."""
        return any(each[: len(path)] == path[: len(each)] for each, _ in self.parts)

    def holds(self, *path: str | int) -> bool:
        """Whether `path` itself, or what holds it, is left out."""
        return any(each == path[: len(each)] for each, _ in self.parts)

    def names(self, section: str) -> list[str]:
        """The names of what is left out of a section."""
        return [str(path[1]) for path, _ in self.parts if len(path) > 1 and path[0] == section]

    def values(self, section: str) -> list[Any]:
        """What is left out of a section, as it was written."""
        return [value for path, value in self.parts if len(path) > 1 and path[0] == section]
