"""What works only behind a feature gate."""

from collections.abc import Iterator

from flux.finding import Finding
from flux.rules.plan import INSTALLATION, Plan
from flux.rules.reading import at, text
from flux.rules.references import references_of

_CONTROLLERS = {"Kustomization": "kustomize-controller", "HelmRelease": "helm-controller"}
_IDENTITY = "ObjectLevelWorkloadIdentity"
_ALWAYS_ON = (2, 10)
_ACCOUNTS: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("Kustomization", ("decryption", "serviceAccountName"), "kustomize-controller"),
    ("GitRepository", ("serviceAccountName",), "source-controller"),
    ("OCIRepository", ("serviceAccountName",), "source-controller"),
    ("Bucket", ("serviceAccountName",), "source-controller"),
)


def external_artifact_is_enabled(plan: Plan) -> Iterator[Finding]:
    """A Kustomization or HelmRelease uses an ExternalArtifact only when its controller's gate is open.

    kustomize- and helm-controller deny access without `--feature-gates=ExternalArtifact=true`, which is set along with source-watcher.
    """
    if plan.is_unknown(INSTALLATION):
        return
    for item in plan.of_kind("Kustomization", "HelmRelease"):
        controller = _CONTROLLERS[item.identity.kind]
        gate = plan.gate(controller, "ExternalArtifact")
        set_along = "source-watcher" in plan.planned.components and plan.flag(controller, "feature-gates") is None
        for reference in references_of(item):
            if reference.target.kind == "ExternalArtifact" and not (gate or set_along):
                yield item.wrong(
                    (*reference.path, "kind"),
                    f"{controller} takes an ExternalArtifact only behind a feature gate; it would deny {item.identity} the access; "
                    f"install source-watcher, or give {controller} the flag feature-gates: [ExternalArtifact=true]",
                )


def own_cloud_identity_is_enabled(plan: Plan) -> Iterator[Finding]:
    """An object names the ServiceAccount of its own cloud identity only when its controller's gate is open.

    Up to Flux 2.9, `serviceAccountName` for a cloud provider, and `decryption.serviceAccountName`, need the gate
    ObjectLevelWorkloadIdentity; the object stalls without it (FeatureGateDisabled). From 2.10 on it is always open.
    """
    if plan.flux_minor is None or plan.flux_minor >= _ALWAYS_ON or plan.is_unknown(INSTALLATION):
        return
    for kind, path, controller in _ACCOUNTS:
        if plan.gate(controller, _IDENTITY):
            continue
        for item in plan.of_kind(kind):
            asks_a_cloud = kind == "Kustomization" or text(item.spec, "provider") in ("aws", "azure", "gcp")
            if asks_a_cloud and at(item.spec, *path):
                yield item.wrong(
                    ("spec", *path),
                    f"a ServiceAccount of its own works only behind the feature gate {_IDENTITY}; Flux would not process the {kind}; "
                    f"give {controller} the flag feature-gates: [{_IDENTITY}=true], or remove serviceAccountName",
                )


RULES = (external_artifact_is_enabled, own_cloud_identity_is_enabled)
