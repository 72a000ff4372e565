"""What works only behind a feature gate."""

from collections.abc import Iterator

from flux.any_shape import at, text
from flux.finding import STACK_AND_GIT, Finding
from flux.kinds import APPLIERS, controller_of
from flux.rules.plan import INSTALLATION, Plan
from flux.rules.relations import references_of
from flux.rules.rule import rule

_IDENTITY = "ObjectLevelWorkloadIdentity"
_ALWAYS_ON = (2, 10)
_ACCOUNTS: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("Kustomization", ("decryption", "serviceAccountName"), "kustomize-controller"),
    ("GitRepository", ("serviceAccountName",), "source-controller"),
    ("OCIRepository", ("serviceAccountName",), "source-controller"),
    ("Bucket", ("serviceAccountName",), "source-controller"),
)


@rule(looks_at=STACK_AND_GIT)
def external_artifact_is_enabled(plan: Plan) -> Iterator[Finding]:
    """A Kustomization or HelmRelease uses an ExternalArtifact only if its controller's feature gate is enabled.

    kustomize-controller and helm-controller deny access without `--feature-gates=ExternalArtifact=true`, which comes with source-watcher.
    """
    if plan.is_unknown(INSTALLATION):
        return
    for kind in APPLIERS:
        controller = controller_of(kind)
        set_along = "source-watcher" in plan.planned.components and plan.flag(controller, "feature-gates") is None
        if plan.gate(controller, "ExternalArtifact") or set_along:
            continue
        for item in plan.of_kind(kind):
            for reference in references_of(item):
                if reference.target.kind != "ExternalArtifact":
                    continue
                yield item.wrong(
                    (*reference.path, "kind"),
                    f"is ExternalArtifact, but the feature gate ExternalArtifact of {controller} is disabled",
                    f"The controller would deny {item} access.",
                    "Add source-watcher to gitops:flux.components, or write "
                    f"gitops:flux.flags.{controller}.feature-gates: [ExternalArtifact=true].",
                )


@rule(looks_at=STACK_AND_GIT)
def own_cloud_identity_is_enabled(plan: Plan) -> Iterator[Finding]:
    """An object names the ServiceAccount of its own cloud identity only if its controller's feature gate is enabled.

    Up to Flux 2.9, `serviceAccountName` for a cloud provider and `decryption.serviceAccountName` need the feature gate
    ObjectLevelWorkloadIdentity; without it, the object stalls (FeatureGateDisabled). From 2.10 on, it is always enabled.
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
                    f"needs the feature gate {_IDENTITY}, which is disabled",
                    f"Flux would not reconcile the {kind}.",
                    f"Write gitops:flux.flags.{controller}.feature-gates: [{_IDENTITY}=true], or remove serviceAccountName.",
                )
