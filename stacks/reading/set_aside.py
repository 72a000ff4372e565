"""What is left out of a file because its fault was told: it is there, and nothing more is known of it.

So one fault hides no other: the rest is judged without the faulty thing. And nothing is told that is wrong only because of that:
whoever misses something in a file asks here first whether it was set aside.
"""

from typing import Any

from stacks.words.place import KeyPath

_DEPTH = 2
"""What is left out: an entry of the catalog, a credential, an override, a setting of the cluster; never a part of one, whose other
parts could be wrong only without it."""


class SetAside:
    """The key paths of one file that are left out, with what stood there."""

    def __init__(self) -> None:
        self.values: dict[KeyPath, Any] = {}

    def put(self, path: KeyPath, document: Any) -> None:
        """Leave out what holds the faulty `path` of `document`."""
        path = path[:_DEPTH]
        value = document
        for part in path:
            value = value[part] if has(value, part) else None
        self.values.setdefault(path, value)

    def touches(self, *path: str | int) -> bool:
        """Whether anything at, above or below `path` is left out."""
        return any(each[: len(path)] == path[: len(each)] for each in self.values)

    def holds(self, *path: str | int) -> bool:
        """Whether `path` itself, or what holds it, is left out."""
        return any(each == path[: len(each)] for each in self.values)

    def below(self, key: str) -> dict[str | int, Any]:
        """What is left out of a section: name or index → what stood there."""
        return {path[1]: value for path, value in self.values.items() if len(path) > 1 and path[0] == key}

    def written(self, path: KeyPath) -> KeyPath:
        """The place in the file of what stands at `path` of the rest, where lists have lost some of their items."""
        walked: KeyPath = ()
        for part in path:
            index = part
            if isinstance(index, int):
                for gone in sorted(each[-1] for each in self.values if each[:-1] == walked and isinstance(each[-1], int)):
                    index += gone <= index
            walked = (*walked, index)
        return walked


def has(value: Any, part: str | int) -> bool:
    """Whether an object or a list has such a part."""
    return part in value if isinstance(value, dict) else isinstance(value, list) and isinstance(part, int) and part < len(value)
