"""A place: where a person finds a value that they wrote. A value itself, which is made when a file is read and goes along with the data."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from flux.key_path import KeyPath, dotted

__all__ = ["KeyPath", "Layer", "Place", "PlaceOf", "dotted", "outside"]

Layer = Literal["catalog", "default", "host", "override", "stack", "record", "outside"]
"""Who gives a value: an entry of the catalog, a default of its kind, a host, a stack's override, the stack file, the record of
`gitops check`, or something that is not a file: an environment variable, a secret, the cluster."""


@dataclass(frozen=True, order=True, kw_only=True, slots=True)
class Place:
    """File, line, key path and layer."""

    file: str
    """As a person calls it, from the repository's root: `Pulumi.dev.yaml`. Of what is no file, its name: `KUBECONFIG`."""
    line: int = 0
    """From 1; 0 where there is no line."""
    key: KeyPath = ()
    """`("gitops:cluster", "server")`."""
    layer: Layer = "stack"

    def __str__(self) -> str:
        """`Pulumi.dev.yaml:12 gitops:cluster.server`."""
        return f"{self.file}{f':{self.line}' if self.line else ''} {dotted(self.key)}".rstrip()


PlaceOf = Callable[..., Place]
"""Key path → where it stands in a file, or would stand."""


def outside(name: str) -> Place:
    """The place of what is no file: an environment variable, a secret that did not come from the stack file."""
    return Place(file=name, layer="outside")
