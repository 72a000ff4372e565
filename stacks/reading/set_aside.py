"""What is left out of a file because its error was reported: it exists, but nothing more is known of it.

So one error does not hide another: the rest is judged without the faulty part. Errors that only follow from its absence are not
reported: code that misses something in a file first asks here whether it was set aside.
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
