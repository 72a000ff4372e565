"""A path of a source that Flux applies."""

from dataclasses import dataclass
from typing import Any, Optional

import pulumi

from components.kubernetes_object import KubernetesObject, child_options, component_options
from flux.bodies import kustomization, with_metadata


@dataclass(frozen=True, kw_only=True)
class FluxKustomizationArgs:
    """A Kustomization."""

    object_name: str
    spec: dict[str, Any]
    """Verbatim Flux."""
    inherit: Optional[list[str]] = None
    """Fields of `spec` that are patched into every Kustomization which this one applies."""
    labels: Optional[dict[str, str]] = None
    annotations: Optional[dict[str, str]] = None

    def body(self) -> dict[str, Any]:
        """The object, as plain data; it can be judged before it becomes a resource."""
        body = kustomization(self.object_name, spec=self.spec, inherit=self.inherit or ())
        return with_metadata(body, self.labels, self.annotations)


class FluxKustomization(pulumi.ComponentResource):
    """One Kustomization, not awaited: whether it becomes Ready depends on what is in Git.

    Give it the Deployments of all controllers in `depends_on`: on destroy, the finalizers of what it applied need them.
    """

    def __init__(self, name: str, args: FluxKustomizationArgs, opts: Optional[pulumi.ResourceOptions] = None) -> None:
        super().__init__("gitops:index:FluxKustomization", name, None, component_options(opts))
        body = args.body()
        self.resource = KubernetesObject.of(f"{name}-kustomization", body, child_options(self, opts))
        self.register_outputs({})
