"""Health checks of a Kustomization that are silently switched off."""

from collections.abc import Iterator

from flux.any_shape import entries, shown, text
from flux.close_names import close_to
from flux.finding import GIT, STACK_AND_GIT, Finding
from flux.kinds import api_group, is_flux_api
from flux.rules.plan import Plan
from flux.rules.rule import rule

_OF_KUBERNETES = {
    **dict.fromkeys(("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"), ("apps/v1",)),
    **dict.fromkeys(("Job", "CronJob"), ("batch/v1",)),
    **dict.fromkeys(("Ingress", "NetworkPolicy"), ("networking.k8s.io/v1",)),
    **dict.fromkeys(("Pod", "Service", "ConfigMap", "Secret", "Namespace", "PersistentVolumeClaim", "ServiceAccount"), ("v1",)),
    "PodDisruptionBudget": ("policy/v1",),
    "HorizontalPodAutoscaler": ("autoscaling/v2", "autoscaling/v1"),
    "CustomResourceDefinition": ("apiextensions.k8s.io/v1",),
}
"""Kind → its versions, the newest first."""


_MISSPELT = 0.9
"""How alike a kind is to the one that was meant: there are others than those here."""


def _kinds_of(plan: Plan, version: str) -> list[str]:
    """The kinds that are known to be served in an API version."""
    return [kind for served in (_OF_KUBERNETES, plan.planned.served) for kind, versions in served.items() if version in versions]


def _is_of_kubernetes(group: str) -> bool:
    return "." not in group or group.endswith(".k8s.io")


@rule(looks_at=STACK_AND_GIT, warns=GIT)
def health_checks_are_not_ignored(plan: Plan) -> Iterator[Finding]:
    """A Kustomization has `wait: true` or `healthChecks`, not both.

    `wait` checks every applied object, and Flux then ignores `healthChecks` (Kustomization docs, "Wait"), so an object listed there that
    another Kustomization applies is never checked.
    """
    for item in plan.of_kind("Kustomization"):
        if item.spec.get("wait") is True and item.spec.get("healthChecks"):
            yield item.wrong(
                ("spec", "healthChecks"),
                "has no effect with wait: true",
                "Flux would check only what this Kustomization applies.",
                "Remove healthChecks, or remove wait to check only what is listed.",
            )


@rule(looks_at=STACK_AND_GIT, warns=GIT)
def health_expressions_are_used(plan: Plan) -> Iterator[Finding]:
    """A Kustomization with `healthCheckExprs` has `wait: true` or `healthChecks`.

    The expressions define how Flux evaluates health, but do not enable the check (kustomize-controller, checkHealth): alone, they are
    never evaluated.
    """
    for item in plan.of_kind("Kustomization"):
        if item.spec.get("healthCheckExprs") and item.spec.get("wait") is not True and not item.spec.get("healthChecks"):
            yield item.wrong(
                ("spec", "healthCheckExprs"),
                "has no effect without wait or healthChecks",
                "Flux would never evaluate these expressions.",
                "Write wait: true, or list what to check in healthChecks.",
            )


@rule(looks_at=STACK_AND_GIT)
def health_checks_name_served_versions(plan: Plan) -> Iterator[Finding]:
    """A health check of a Flux object names an apiVersion that the installed Flux serves; one of Kubernetes' own, one that still exists.

    kstatus asks the API server for that very version: of one that is no longer served, it finds nothing, and the check fails after the
    timeout. Kubernetes removed its older ones by 1.26 (https://kubernetes.io/docs/reference/using-api/deprecation-guide/).
    """
    for item in plan.of_kind("Kustomization"):
        for field in ("healthChecks", "healthCheckExprs"):
            for path, check in entries(item.spec, field):
                kind, version = text(check, "kind") or "", text(check, "apiVersion") or ""
                group = api_group(version)
                served, whose = plan.planned.served.get(kind, ()) if is_flux_api(group) else (), "this Flux"
                if version and _is_of_kubernetes(group):
                    served, whose = _OF_KUBERNETES.get(kind, ()), "Kubernetes"
                if not served and (meant := close_to(kind, _kinds_of(plan, version), count=1, cutoff=_MISSPELT)):
                    yield item.wrong(
                        ("spec", *path, "kind"),
                        f"is {shown(kind)}, which is not a kind of {version}",
                        "The check would find nothing, and fail after the timeout.",
                        f"Write kind: {meant[0]}.",
                    )
                if not served or version in served:
                    continue
                yield item.wrong(
                    ("spec", *path, "apiVersion"),
                    f"is {shown(version)}, which {whose} does not serve for {'an' if kind[:1] in 'AEIO' else 'a'} {kind}",
                    "The check would find nothing, and fail after the timeout.",
                    f"Write apiVersion: {served[0]}.",
                )
