"""The tools beside Flux that made it, or would write it again: each is made to forget it, and removes nothing."""

from collections.abc import Iterator

from flux.object_reference import FLUX_NAMESPACE
from flux.prune import DISABLED
from gitops.adopt.adoption import Adoption
from gitops.adopt.hand_over_step import HandOverStep, KubectlCommands
from gitops.adopt.origin import HELM_RELEASE, InstalledBy
from live.flux_objects.running_flux import LiveObject

RECONCILE = "fluxcd.controlplane.io/reconcile"


def terraform(adoption: Adoption) -> Iterator[HandOverStep]:
    """Its state, which the cluster does not show."""
    if adoption.installer.origin in (InstalledBy.TERRAFORM, InstalledBy.BOOTSTRAP):
        title = "Remove Flux from Terraform's state, without destroying it"
        if adoption.installer.origin is InstalledBy.BOOTSTRAP:
            title = "If Terraform's provider fluxcd/flux ran the bootstrap: remove it from Terraform's state"
        yield HandOverStep(
            title=title,
            how=("terraform state list | grep flux_", "terraform state rm ADDRESS   # and remove the resource from the configuration"),
            is_done=None,
        )


def flux_operator(adoption: Adoption, kubectl: KubectlCommands) -> Iterator[HandOverStep]:
    """A FluxInstance that is not reconciled takes nothing with it: fluxinstance_uninstaller.go."""
    if adoption.installer.origin is not InstalledBy.OPERATOR:
        return
    instances = adoption.running.instances
    open_ = [each for each in instances if each.metadata.annotations.get(RECONCILE, "").lower() != DISABLED]
    names = " ".join(f"fluxinstances.fluxcd.controlplane.io/{each.metadata.name}" for each in instances)
    yield HandOverStep(
        title="Stop flux-operator from reconciling the FluxInstance",
        how=(kubectl.annotate(names, f"{RECONCILE}={DISABLED}"),) if open_ else (),
        is_done=not open_,
    )
    yield HandOverStep(
        title="Delete the FluxInstance: flux-operator leaves everything behind, because its reconciliation is disabled",
        how=tuple(_deletion(each, kubectl) for each in instances),
        is_done=not instances,
    )
    if "flux-operator" in adoption.running.releases:
        release = adoption.running.find("HelmRelease", "flux-operator")
        how = "# in Git, remove the HelmRelease flux-operator and its source" if release else "helm uninstall flux-operator -n flux-system"
        yield HandOverStep(title="Remove flux-operator, which has nothing left to do", how=(how,), is_done=False)


def _deletion(instance: LiveObject, kubectl: KubectlCommands) -> str:
    if HELM_RELEASE in instance.metadata.labels:
        name = instance.metadata.labels[HELM_RELEASE]
        return f"# in Git, remove the HelmRelease {name} and its source; flux-operator only after it is gone"
    if release := instance.metadata.annotations.get("meta.helm.sh/release-name"):
        return f"helm uninstall {release} -n {instance.metadata.namespace}"
    return kubectl(f"delete fluxinstances.fluxcd.controlplane.io/{instance.metadata.name} -n {instance.metadata.namespace}")


def chart(adoption: Adoption, kubectl: KubectlCommands) -> Iterator[HandOverStep]:
    """Helm reads `resource-policy: keep` from the release and not from the cluster: so the release is forgotten, not uninstalled."""
    release = adoption.installer.release
    if adoption.installer.origin is not InstalledBy.CHART or release is None:
        return
    helm_release = adoption.running.find("HelmRelease", release)
    if helm_release is not None:
        yield HandOverStep(
            title=f"Suspend HelmRelease {release}: deleted while suspended, it uninstalls nothing",
            how=(f"flux suspend helmrelease {release}", "# then remove it from Git, or delete it"),
            is_done=False,
        )
    yield HandOverStep(
        title=f"Delete Helm's record of release {release}, without uninstalling it",
        how=(kubectl(f"delete secret -n {FLUX_NAMESPACE} -l owner=helm,name={release}"),),
        is_done=release not in adoption.running.releases,
    )
