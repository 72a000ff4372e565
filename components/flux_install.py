"""Flux's controllers and what they run with."""

from dataclasses import dataclass
from typing import Any, Optional

import pulumi

from components.kubernetes_object import SKIP_AWAIT, KubernetesObject, annotated, child_options, component_options

_BEFORE_DEPLOYMENTS = ("ServiceAccount", "ClusterRole", "ClusterRoleBinding", "ResourceQuota")


@dataclass(frozen=True, kw_only=True)
class FluxInstallArgs:
    """What FluxInstall makes."""

    objects: list[dict[str, Any]]
    """RBAC, quota, network policies, ServiceAccounts, Services and Deployments, as `flux.release.install.install_objects` gives them."""

    def bodies(self) -> list[dict[str, Any]]:
        """The objects as they are registered."""
        # The provider waits a fixed 10 s for each Service's endpoints; the Deployments tell whether Flux runs.
        return [annotated(body, {SKIP_AWAIT: "true"}) if body["kind"] == "Service" else body for body in self.objects]


class FluxInstall(pulumi.ComponentResource):
    """The controllers' Deployments, each awaited until available, with the RBAC and the Services around them.

    Expects the namespace and the CRDs (FluxDefinitions) in `depends_on`. The Deployments wait for all of it, and for
    ServiceAccounts and RBAC, so that on destroy a controller keeps its rights for as long as it runs; everything else
    waits only for the namespace, and is created at the same time as the CRDs.
    """

    def __init__(self, name: str, args: FluxInstallArgs, opts: Optional[pulumi.ResourceOptions] = None) -> None:
        super().__init__("gitops:index:FluxInstall", name, None, component_options(opts))
        early = _namespaces_only(opts)
        self.around: list[KubernetesObject] = []
        """What is no Deployment."""
        needed: list[pulumi.Resource] = []
        bodies = args.bodies()
        for body in bodies:
            if body["kind"] == "Deployment":
                continue
            made = KubernetesObject.of(_child_name(name, body), body, child_options(self, early))
            self.around.append(made)
            if body["kind"] in _BEFORE_DEPLOYMENTS:
                needed.append(made)
        self.deployments: dict[str, KubernetesObject] = {}
        """Controller → its Deployment."""
        for body in bodies:
            if body["kind"] == "Deployment":
                options = pulumi.ResourceOptions.merge(child_options(self, opts), pulumi.ResourceOptions(depends_on=needed))
                self.deployments[body["metadata"]["name"]] = KubernetesObject.of(_child_name(name, body), body, options)
        self.register_outputs({})


def _namespaces_only(opts: Optional[pulumi.ResourceOptions]) -> Optional[pulumi.ResourceOptions]:
    waits = opts.depends_on if opts and isinstance(opts.depends_on, list) else []
    namespaces = [each for each in waits if isinstance(each, KubernetesObject) and each.object_kind == "Namespace"]
    # Told to wait for no namespace, everything waits for whatever it is.
    return pulumi.ResourceOptions(depends_on=namespaces) if namespaces else opts


def _child_name(name: str, body: dict[str, Any]) -> str:
    return f"{name}-{body['kind'].lower()}-{body['metadata']['name']}"
