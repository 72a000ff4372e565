"""One sample of each component's arguments."""

from collections.abc import Callable, Mapping
from typing import Any

import pulumi

from components.age_keys import AgeKey, AgeKeys, AgeKeysArgs
from components.flux_definitions import FluxDefinitions, FluxDefinitionsArgs
from components.flux_install import FluxInstall, FluxInstallArgs
from components.flux_kustomization import FluxKustomization, FluxKustomizationArgs
from components.flux_object import FluxObject, FluxObjectArgs
from components.flux_section import FluxSection, FluxSectionArgs
from components.git_source import GitSource, GitSourceArgs
from components.helm_source import HelmSource, HelmSourceArgs
from components.oci_source import OciSource, OciSourceArgs
from components.source_credential import SourceCredential, SourceCredentialArgs
from components.stack_variables import StackVariables, StackVariablesArgs

Make = Callable[[str, pulumi.ResourceOptions | None], pulumi.ComponentResource]


def body(kind: str, name: str, api_version: str = "v1", **rest: Any) -> dict[str, Any]:
    """A Kubernetes object as an install manifest has it."""
    return {"apiVersion": api_version, "kind": kind, "metadata": {"name": name, "namespace": "flux-system"}, **rest}


DEFINITIONS = [
    {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "flux-system"}},
    {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "buckets.source.toolkit.fluxcd.io"},
        "spec": {"names": {"kind": "Bucket"}},
    },
]
CONTROLLERS = [
    body("Deployment", "source-controller", "apps/v1", spec={}),
    body("Service", "source-controller", spec={}),
    body("ServiceAccount", "source-controller"),
    body("NetworkPolicy", "allow-egress", "networking.k8s.io/v1", spec={}),
]


def with_one_object(objects: FluxSection) -> FluxSection:
    """A component whose children are added to it."""
    objects.add(body("Bucket", "artifacts", "source.toolkit.fluxcd.io/v1", spec={"bucketName": "b"}))
    return objects


SAMPLES: Mapping[type[pulumi.ComponentResource], Make] = {
    AgeKeys: lambda name, opts: AgeKeys(name, AgeKeysArgs(keys=[AgeKey(name="2026-11")]), opts),
    FluxDefinitions: lambda name, opts: FluxDefinitions(name, FluxDefinitionsArgs(objects=DEFINITIONS, retain=False), opts),
    FluxInstall: lambda name, opts: FluxInstall(name, FluxInstallArgs(objects=CONTROLLERS), opts),
    FluxKustomization: lambda name, opts: FluxKustomization(name, FluxKustomizationArgs(object_name="apps", spec={"path": "./"}), opts),
    FluxObject: lambda name, opts: FluxObject(
        name,
        FluxObjectArgs(api_version="source.toolkit.fluxcd.io/v1", kind="Bucket", object_name="artifacts", spec={"bucketName": "b"}),
        opts,
    ),
    FluxSection: lambda name, opts: with_one_object(FluxSection(name, FluxSectionArgs(kind="Bucket"), opts)),
    GitSource: lambda name, opts: GitSource(name, GitSourceArgs(object_name="argo", url="https://git.test/argo.git"), opts),
    HelmSource: lambda name, opts: HelmSource(name, HelmSourceArgs(object_name="charts", url="https://charts.test"), opts),
    OciSource: lambda name, opts: OciSource(name, OciSourceArgs(object_name="tiny", url="oci://registry.test/tiny"), opts),
    SourceCredential: lambda name, opts: SourceCredential(
        name,
        SourceCredentialArgs(secret_name="deploy", values={"known_hosts": "h"}, generated_keys=["2026-11"], active_key="2026-11"),
        opts,
    ),
    StackVariables: lambda name, opts: StackVariables(name, StackVariablesArgs(variables={"CLUSTER_NAME": "dev"}), opts),
}
