"""Flux's namespace and CustomResourceDefinitions."""

from dataclasses import dataclass
from typing import Any, Optional

import pulumi

from components.kubernetes_object import KubernetesObject, child_options, component_options


@dataclass(frozen=True, kw_only=True)
class FluxDefinitionsArgs:
    """What FluxDefinitions makes."""

    objects: list[dict[str, Any]]
    """The Namespace and the CustomResourceDefinitions, as `flux.release.install.install_objects` gives them."""
    retain: bool
    """Leave them in the cluster on destroy. Deleting a CRD deletes every object of its kind, those from Git included."""
    cluster_uid: Optional[str] = None
    """UID of the Namespace kube-system of the cluster in which they are, where it is known."""


class FluxDefinitions(pulumi.ComponentResource):
    """The Namespace and the CRDs: what may outlive the controllers.

    Does not make the controllers (FluxInstall does) nor any Flux object.
    """

    cluster_uid: pulumi.Output[str]
    """In which cluster they are, or empty.

    It is in the state before the first of them is made. It is not a field of an object, so a preview without the cluster shows no change.
    """

    def __init__(self, name: str, args: FluxDefinitionsArgs, opts: Optional[pulumi.ResourceOptions] = None) -> None:
        super().__init__("gitops:index:FluxDefinitions", name, None, component_options(opts))
        self.definitions: dict[str, KubernetesObject] = {}
        """Kind → its CRD."""
        for body in args.objects:
            # On the child itself: whether retainOnDelete is inherited has changed between engine versions (pulumi#19654).
            options = child_options(self, opts, retain_on_delete=args.retain)
            made = KubernetesObject.of(f"{name}-{body['kind'].lower()}-{body['metadata']['name']}", body, options)
            if body["kind"] == "Namespace":
                self.namespace = made
            else:
                self.definitions[body["spec"]["names"]["kind"]] = made
        self.cluster_uid = pulumi.Output.from_input(args.cluster_uid or "")
        self.register_outputs({"clusterUid": self.cluster_uid})
