"""Where the values of an object were written: in its entry, in a default of its kind, or in a stack's override."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from stacks.reading.validation import Locate
from stacks.words.place import KeyPath


@dataclass(frozen=True, kw_only=True)
class Layer:
    """One place that gives part of a spec."""

    spec: Mapping[str, Any]
    locate: Locate
    """Key path within `spec` → where it stands."""


@dataclass(frozen=True, kw_only=True)
class Origin:
    """The places that made one object."""

    entry: Locate
    """Key path within the catalog's entry → where it stands."""
    spec_key: KeyPath = ("spec",)
    """Where in the entry the spec lies."""
    metadata_key: KeyPath = ()
    """Where in the entry labels and annotations lie."""
    over: tuple[Layer, ...] = ()
    """What is merged over the entry's spec, strongest first."""
    spec: Mapping[str, Any] = field(default_factory=dict)
    """The entry's own spec."""
    under: tuple[Layer, ...] = ()
    """What the entry's spec is merged over, strongest first."""
    written_elsewhere: Mapping[str, str] = field(default_factory=dict)
    """Field of the body's spec that no spec gives, such as `url` → where it comes from."""

    def of(self, path: KeyPath) -> str:
        """Where a person finds what stands at `path` of the body; both places when an entry's value comes from another one."""
        if path[:1] == ("metadata",) and path[1:2] in (("labels",), ("annotations",)):
            return self.entry((*self.metadata_key, *path[1:]))
        if path[:1] != ("spec",):
            return self.entry(self.spec_key[:-1])
        inner = path[1:]
        if not any(_has(layer.spec, inner[:1]) for layer in self._layers()) and inner[:1] and inner[0] in self.written_elsewhere:
            return self.written_elsewhere[str(inner[0])]
        shown = self.entry((*self.spec_key, *inner))
        for layer in self.over:
            if _has(layer.spec, inner):
                return f"{shown} (given by {layer.locate(inner)})"
        if _has(self.spec, inner):
            return shown
        for layer in self.under:
            if _has(layer.spec, inner):
                return f"{shown} (given by {layer.locate(inner)})"
        return shown

    def _layers(self) -> tuple[Layer, ...]:
        return (*self.over, Layer(spec=self.spec, locate=self.entry), *self.under)


def _has(spec: Any, path: KeyPath) -> bool:
    for part in path:
        inside = (isinstance(spec, Mapping) and part in spec) or (isinstance(spec, list) and isinstance(part, int) and part < len(spec))
        if not inside:
            return False
        spec = spec[part]
    return bool(path)
