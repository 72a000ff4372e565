"""Any other Flux object."""

from dataclasses import dataclass
from typing import Any, Optional

import pulumi

from components.kubernetes_object import KubernetesObject, child_options, component_options
from flux.bodies import flux_object, with_metadata


@dataclass(frozen=True, kw_only=True)
class FluxObjectArgs:
    """A Flux object of a kind without its own component."""

    api_version: str
    kind: str
    object_name: str
    spec: dict[str, Any]
    """Verbatim Flux."""
    labels: Optional[dict[str, str]] = None
    annotations: Optional[dict[str, str]] = None

    def body(self) -> dict[str, Any]:
        """The object, as plain data; it can be judged before it becomes a resource."""
        body = flux_object(self.api_version, self.kind, self.object_name, spec=self.spec)
        return with_metadata(body, self.labels, self.annotations)


class FluxObject(pulumi.ComponentResource):
    """One Flux object as the catalog's `objects` gives it, not awaited."""

    def __init__(self, name: str, args: FluxObjectArgs, opts: Optional[pulumi.ResourceOptions] = None) -> None:
        super().__init__("gitops:index:FluxObject", name, None, component_options(opts))
        body = args.body()
        self.resource = KubernetesObject.of(f"{name}-{args.kind.lower()}", body, child_options(self, opts))
        self.register_outputs({})
