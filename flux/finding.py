"""What the two layers that judge bodies, the CRDs' schemas and the rules beyond them, have to say."""

from dataclasses import dataclass

from flux.object_reference import ObjectReference

Path = tuple[str | int, ...]
"""Where in a body: field names and list indexes, such as `("spec", "dependsOn", 0, "name")`."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that is wrong with one object, in a sentence for the person who wrote it."""

    identity: ObjectReference
    path: Path
    """Path in the body; `()` is the object as a whole."""
    text: str
    """What is wrong; what it would have caused; what to write. Without file, line or path: whoever prints it knows them."""

    @property
    def dotted(self) -> str:
        """The path as people write it: `spec.dependsOn[0].name`."""
        return dotted(self.path)


def dotted(path: Path) -> str:
    """A path as people write it: `spec.dependsOn[0].name`."""
    written = ""
    for part in path:
        written += f"[{part}]" if isinstance(part, int) else f".{part}"
    return written.removeprefix(".")
