"""A document: plain data as written, and the place of each part, which is kept when the data is merged."""

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from stacks.words.place import KeyPath, Place

_NOTHING: Mapping[str | int, "Places"] = MappingProxyType({})


class Places:
    """Where a value was written, and where each part of it was: a tree of the same form as the value. Never changed once it is made.

    A file of a thousand objects has tens of thousands of them.
    """

    __slots__ = ("below", "entire", "here", "lacks")

    def __init__(
        self, here: Place, below: Mapping[str | int, "Places"] = _NOTHING, *, lacks: Place | None = None, entire: bool = False
    ) -> None:
        """`lacks`: where what is missing in it is added; `here` unless it says otherwise.

        `entire`: what is not `below` was written here, too, because the program made the value from this one.
        """
        self.here = here
        self.below = below
        self.lacks = lacks or here
        self.entire = entire

    def of(self, path: KeyPath) -> Place:
        """The place of the value at `path`; if it is not written, the place where it would be."""
        found, rest = self._nearest(path)
        if found.entire or not rest:
            return found.here
        lacks = found.lacks
        return Place(file=lacks.file, line=lacks.line, key=(*lacks.key, *rest), layer=lacks.layer)  # `replace` takes twice as long

    def at(self, *path: str | int) -> "Places":
        """The places of the value at `path`, whether or not it is written."""
        found, rest = self._nearest(path)
        return Places(self.of(path), entire=found.entire) if rest else found

    def in_key(self, key: str | int) -> "Places":
        """As `at`, of one key."""
        return self.below.get(key) or self.at(key)

    def has(self, path: KeyPath) -> bool:
        """Whether the value at `path` is written."""
        found, rest = self._nearest(path)
        return found.entire or not rest

    def _nearest(self, path: KeyPath) -> tuple["Places", KeyPath]:
        found = self
        for depth, part in enumerate(path):
            # A key that is no text, such as a number, stands here as it is written.
            inner = found.below.get(part)
            if inner is None and (inner := found.below.get(str(part))) is None:
                return found, path[depth:]
            found = inner
        return found, ()


class Document(NamedTuple):
    """A value, and its places."""

    value: Any
    places: Places

    def at(self, *path: str | int) -> "Document":
        """The value at `path`, which must exist."""
        value = self.value
        for part in path:
            value = value[part]
        return Document(value, self.places.at(*path))

    def without(self, paths: Collection[KeyPath], stand_ins: Mapping[KeyPath, Any]) -> "Document":
        """The document without the values at `paths`, or with those of `stand_ins`; the rest keeps its places."""
        return Document(*_without(self.value, self.places, paths, {path: each for path, each in stand_ins.items() if path in paths}))


def has(value: Any, part: str | int) -> bool:
    """Whether an object has this key, or a list this index."""
    return part in value if isinstance(value, dict) else isinstance(value, list) and isinstance(part, int) and part < len(value)


def _without(value: Any, places: Places, paths: Collection[KeyPath], stand_ins: Mapping[KeyPath, Any]) -> tuple[Any, Places]:
    if not paths or not isinstance(value, dict | list):
        return value, places
    gone = {path[0] for path in paths if len(path) == 1}
    rest: dict[str | int, tuple[Any, Places]] = {}
    for key, item in value.items() if isinstance(value, dict) else enumerate(value):
        if key not in gone:
            inside = [path[1:] for path in paths if path[0] == key]
            rest[key] = _without(item, places.at(key), inside, {path[1:]: each for path, each in stand_ins.items() if path[0] == key})
    if isinstance(value, list):
        kept = [item for item, _ in rest.values()]
        return kept, Places(places.here, dict(enumerate(where for _, where in rest.values())))
    instead = {path[0]: each for path, each in stand_ins.items() if len(path) == 1}
    below = {**places.below, **{key: where for key, (_, where) in rest.items()}}
    return {**{key: item for key, (item, _) in rest.items()}, **instead}, Places(places.here, below, lacks=places.lacks)
