"""Where in data something stands."""

KeyPath = tuple[str | int, ...]
"""Field names and list indexes: `("spec", "dependsOn", 0, "name")`; `()` is the whole."""


def dotted(path: KeyPath) -> str:
    """A path as people write it: `spec.dependsOn[0].name`."""
    written = ""
    for part in path:
        written += f"[{part}]" if isinstance(part, int) else f".{part}"
    return written.removeprefix(".")
