"""Health checks of a Kustomization that are silently switched off."""

from collections.abc import Iterator

from flux.finding import STACK_AND_GIT, Finding
from flux.rules.plan import Plan
from flux.rules.rule import rule


@rule(looks_at=STACK_AND_GIT)
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


@rule(looks_at=STACK_AND_GIT)
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
