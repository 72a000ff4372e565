"""Small programs and components that show one thing each, for the tests of the tests' own tools."""

from collections.abc import Callable, Mapping
from typing import Any

import pulumi
import pulumi_kubernetes as k8s


def provider() -> k8s.Provider:
    return k8s.Provider("cluster", kubeconfig=pulumi.Output.secret("a kubeconfig"), cluster_identifier="test")


def config_map(name: str, opts: pulumi.ResourceOptions | None = None, **data: pulumi.Input[str]) -> k8s.core.v1.ConfigMap:
    return k8s.core.v1.ConfigMap(name, metadata={"name": name, "namespace": "flux-system"}, data=data, opts=opts)


def flux_object(kind: str, name: str, spec: Mapping[str, Any], opts: pulumi.ResourceOptions) -> k8s.apiextensions.CustomResource:
    group = "kustomize" if kind == "Kustomization" else "source"
    return k8s.apiextensions.CustomResource(
        name,
        api_version=f"{group}.toolkit.fluxcd.io/v1",
        kind=kind,
        metadata={"name": name, "namespace": "flux-system"},
        spec=dict(spec),
        opts=opts,
    )


def definition(kind: str, opts: pulumi.ResourceOptions) -> pulumi.Resource:
    group = "kustomize.toolkit.fluxcd.io" if kind == "Kustomization" else "source.toolkit.fluxcd.io"
    name = f"{kind.lower()}s.{group}"
    return k8s.apiextensions.v1.CustomResourceDefinition(
        name,
        metadata={"name": name},
        spec={"group": group, "names": {"kind": kind, "plural": f"{kind.lower()}s"}, "scope": "Namespaced", "versions": []},
        opts=opts,
    )


def deployment(controller: str, opts: pulumi.ResourceOptions) -> pulumi.Resource:
    return k8s.apps.v1.Deployment(
        controller,
        metadata={"name": controller, "namespace": "flux-system", "labels": {"app.kubernetes.io/part-of": "flux"}},
        spec={"selector": {}, "template": {}},
        opts=opts,
    )


class Component(pulumi.ComponentResource):
    """Calls `build(self, name)`, then registers what that returns, if it returns anything."""

    address: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        build: Callable[["Component", str], Mapping[str, Any] | None] = lambda _component, _name: {"address": "somewhere"},
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("gitops:index:Component", name, None, opts)
        outputs = build(self, name)
        if outputs is not None:
            self.register_outputs(dict(outputs))


def child(component: pulumi.Resource, **options: Any) -> pulumi.ResourceOptions:
    return pulumi.ResourceOptions(parent=component, **options)
