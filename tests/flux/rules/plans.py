"""Small stacks to judge, each right but for what a test changes."""

from typing import Any

from flux.finding import Finding
from flux.object_reference import FLUX_NAMESPACE
from flux.rules import PlannedObjects, check
from tests.messages import assert_well_formed

Body = dict[str, Any]

GROUPS = {
    "Kustomization": "kustomize.toolkit.fluxcd.io/v1",
    "HelmRelease": "helm.toolkit.fluxcd.io/v2",
    "Receiver": "notification.toolkit.fluxcd.io/v1",
    "Provider": "notification.toolkit.fluxcd.io/v1beta3",
    "Alert": "notification.toolkit.fluxcd.io/v1beta3",
    "ImageRepository": "image.toolkit.fluxcd.io/v1",
    "ImagePolicy": "image.toolkit.fluxcd.io/v1",
    "ImageUpdateAutomation": "image.toolkit.fluxcd.io/v1",
    "ArtifactGenerator": "source.extensions.fluxcd.io/v1beta1",
}
LOCKDOWN = {
    controller: {"no-cross-namespace-refs": True}
    for controller in (
        "kustomize-controller",
        "helm-controller",
        "notification-controller",
        "image-reflector-controller",
        "image-automation-controller",
        "source-watcher",
    )
}


def an(kind: str, name: str, *, namespace: str = FLUX_NAMESPACE, annotations: dict[str, str] | None = None, **spec: Any) -> Body:
    """Any Flux object."""
    metadata: Body = {"name": name, "namespace": namespace}
    if annotations:
        metadata["annotations"] = annotations
    return {"apiVersion": GROUPS.get(kind, "source.toolkit.fluxcd.io/v1"), "kind": kind, "metadata": metadata, "spec": spec}


def git(name: str = "homelab", *, namespace: str = FLUX_NAMESPACE, **spec: Any) -> Body:
    """A public GitRepository."""
    return an(
        "GitRepository",
        name,
        namespace=namespace,
        **{"interval": "15m", "url": "https://git.test/org/homelab.git", "ref": {"branch": "main"}, **spec},
    )


def oci(name: str = "tiny", **spec: Any) -> Body:
    """An OCIRepository with a Helm chart."""
    layer = {"mediaType": "application/vnd.cncf.helm.chart.content.v1.tar+gzip", "operation": "copy"}
    return an(
        "OCIRepository", name, **{"interval": "1h", "url": "oci://r.test/tiny", "ref": {"tag": "0.1.0"}, "layerSelector": layer, **spec}
    )


def ks(name: str = "apps", *, namespace: str = FLUX_NAMESPACE, source: str = "homelab", **spec: Any) -> Body:
    """A Kustomization of `./<its name>` of the GitRepository homelab."""
    reference = {"kind": "GitRepository", "name": source}
    return an(
        "Kustomization", name, namespace=namespace, **{"interval": "1h", "prune": True, "path": f"./{name}", "sourceRef": reference, **spec}
    )


def release(name: str = "web", *, namespace: str = FLUX_NAMESPACE, **spec: Any) -> Body:
    """A HelmRelease; without a chart, unless given."""
    return an("HelmRelease", name, namespace=namespace, **{"interval": "1h", **spec})


def planned(*bodies: Body, **given: Any) -> PlannedObjects:
    """A stack of Flux 2.9.4 without Secrets, ConfigMaps, flags."""
    nothing: dict[str, Any] = {
        "environment": "development",
        "secrets": {},
        "config_maps": frozenset(),
        "external_kustomizations": frozenset(),
        "flux_version": "v2.9.4",
        "kubernetes_version": None,
        "flags": {},
    }
    return PlannedObjects(bodies=list(bodies), **{**nothing, **given})


def found(*bodies: Body, **given: Any) -> list[Finding]:
    """What all rules together find; each message has the form that messages have."""
    findings = check(planned(*bodies, **given))
    for finding in findings:
        assert_well_formed(finding.message)
    return findings


def said(*bodies: Body, **given: Any) -> list[str]:
    """What all rules together say, as a person sees it: object, place, sentence."""
    return [f"{finding.object or 'stack file'} {finding.dotted}: {finding.message}" for finding in found(*bodies, **given)]
