"""An object that Flux would apply, and where it is written."""

from dataclasses import dataclass, field
from typing import Any

from flux.kinds import api_group
from flux.object_reference import ObjectReference
from gitops.check.repository.documents import text


@dataclass(frozen=True, kw_only=True)
class BuiltObject:
    """An object that Flux would apply."""

    body: dict[str, Any] = field(repr=False)
    file: str
    """Where it is written; the kustomization.yaml, if that generates it."""
    line: int
    is_generated: bool = False
    """Whether a generator of kustomize makes it."""
    is_as_written: bool = False
    """Whether kustomize did not build it, so that it lacks what patches and `namespace` would have added."""

    @property
    def group(self) -> str:
        """Its API group; empty for the core."""
        return api_group(text(self.body, "apiVersion"))

    @property
    def kind(self) -> str:
        """Its kind."""
        return text(self.body, "kind")

    @property
    def namespace(self) -> str:
        """Its namespace, as written or set by a kustomization.yaml."""
        return text(self.body, "metadata", "namespace")

    @property
    def name(self) -> str:
        """Its name."""
        return text(self.body, "metadata", "name")

    @property
    def reference(self) -> ObjectReference:
        """What it is called."""
        return ObjectReference(self.kind, self.namespace, self.name)

    def __str__(self) -> str:
        """`Secret/flux-system/cluster-secrets`."""
        return "/".join(part for part in (self.kind, self.namespace, self.name) if part)
