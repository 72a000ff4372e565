"""Which tool installed the Flux that runs in a cluster, by the labels and field managers that each tool leaves."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from flux.object_reference import FLUX_NAMESPACE, ObjectReference
from live.client.object_metadata import LiveMetadata
from live.flux_objects.running_flux import LiveObject, RunningFlux

KUSTOMIZATION_NAME, KUSTOMIZATION_NAMESPACE = "kustomize.toolkit.fluxcd.io/name", "kustomize.toolkit.fluxcd.io/namespace"
HELM_RELEASE = "helm.toolkit.fluxcd.io/name"
_INSTANCE = "fluxcd.controlplane.io/name"
_CHART_RELEASE = "meta.helm.sh/release-name"
_BOOTSTRAPPED = "flux-system"
_TERRAFORM = ("terraform", "opentofu", "hashicorp")
FIRST_CONTROLLERS = ("source-controller", "kustomize-controller", "helm-controller", "notification-controller")
"""The first of these that runs says whose the installation is."""


class InstalledBy(StrEnum):
    """As a person calls it."""

    INSTALL = "flux install"
    BOOTSTRAP = "flux bootstrap"
    TERRAFORM = "Terraform's provider fluxcd/flux (or another tool of Terraform)"
    INSTALLER = "a Kustomization of its own, as in the older cluster-template"
    OPERATOR = "flux-operator"
    CHART = "the community chart flux2"
    UNKNOWN = "an unknown tool"


@dataclass(frozen=True, kw_only=True)
class Installer:
    """Who installed Flux, and who writes it again."""

    origin: InstalledBy
    kustomization: ObjectReference | None = None
    """The Kustomization that applies Flux itself."""
    release: str | None = None
    """The Helm release that it is."""


def applied_by(metadata: LiveMetadata) -> ObjectReference | None:
    """The Kustomization that says by its labels that it applies this object."""
    name = metadata.labels.get(KUSTOMIZATION_NAME)
    return ObjectReference("Kustomization", metadata.labels.get(KUSTOMIZATION_NAMESPACE, FLUX_NAMESPACE), name) if name else None


def installer_of(running: RunningFlux) -> Installer:
    """Who installed it. The same before, during and after a hand-over that is not finished."""
    first = next((found for name in FIRST_CONTROLLERS if (found := running.deployment(name))), None)
    if first is None:
        return Installer(origin=InstalledBy.UNKNOWN)
    if _INSTANCE in first.metadata.labels:
        return Installer(origin=InstalledBy.OPERATOR)
    if release := first.metadata.annotations.get(_CHART_RELEASE) or first.metadata.labels.get(HELM_RELEASE):
        return Installer(origin=InstalledBy.CHART, release=release)
    applier = applied_by(first.metadata)
    if applier is None:
        if _wrote(_TERRAFORM, first):
            return Installer(origin=InstalledBy.TERRAFORM)
        return Installer(origin=InstalledBy.INSTALL if _wrote(("flux",), first) else InstalledBy.UNKNOWN)
    if not applies_itself(running, applier) and applier.name != _BOOTSTRAPPED:
        return Installer(origin=InstalledBy.INSTALLER, kustomization=applier)
    terraform = _wrote(_TERRAFORM, *(each for each in running.installed if each.kind in ("Namespace", "Deployment")))
    return Installer(origin=InstalledBy.TERRAFORM if terraform else InstalledBy.BOOTSTRAP, kustomization=applier)


def applies_itself(running: RunningFlux, kustomization: ObjectReference) -> bool:
    """Whether a Kustomization is among what it applies."""
    found = next((each for each in running.objects if each.reference == kustomization), None)
    return found is not None and applied_by(found.metadata) == kustomization


def _wrote(beginnings: Iterable[str], *objects: LiveObject) -> bool:
    managers = {entry.manager.lower() for each in objects for entry in each.metadata.managed_fields}
    return any(manager.startswith(tuple(beginnings)) for manager in managers)
