"""Fields of a Kustomization of which one silently switches the other off."""

from collections.abc import Iterator

from flux.finding import Finding
from flux.rules.plan import Plan


def health_checks_are_not_ignored(plan: Plan) -> Iterator[Finding]:
    """A Kustomization has `wait: true` or `healthChecks`, not both.

    `wait` checks everything that was applied, and `healthChecks` is ignored (Kustomization docs, "Wait"): what is listed there and
    was not applied by this Kustomization is then never checked.
    """
    for item in plan.of_kind("Kustomization"):
        if item.spec.get("wait") is True and item.spec.get("healthChecks"):
            yield item.wrong(
                ("spec", "healthChecks"),
                "wait: true stands beside healthChecks; Flux would ignore healthChecks, and check only what this Kustomization applies; "
                "remove healthChecks, or remove wait to check only what is listed",
            )


def health_expressions_are_used(plan: Plan) -> Iterator[Finding]:
    """A Kustomization with `healthCheckExprs` has `wait: true` or `healthChecks`.

    The expressions say how health is judged, not that it is (kustomize-controller, checkHealth): alone, they are never evaluated.
    """
    for item in plan.of_kind("Kustomization"):
        if item.spec.get("healthCheckExprs") and item.spec.get("wait") is not True and not item.spec.get("healthChecks"):
            yield item.wrong(
                ("spec", "healthCheckExprs"),
                "neither wait nor healthChecks asks for a health check; Flux would never evaluate these expressions; "
                "write wait: true, or list what to check in healthChecks",
            )


RULES = (health_checks_are_not_ignored, health_expressions_are_used)
