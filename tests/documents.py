"""Documents that stand in no file."""

from typing import Any

from stacks.reading.document import Document, Places
from stacks.words.place import Layer, Place


def document(value: Any, file: str = "it", layer: Layer = "stack") -> Document:
    """`value` as if it stood in `file`, in lines that nobody counts."""
    return Document(value, Places(Place(file=file, layer=layer)))
