"""Intervals and timeouts of zero."""

import re
from collections.abc import Iterator

from flux.any_shape import text
from flux.finding import STACK_AND_GIT, Finding
from flux.rules.plan import Plan
from flux.rules.rule import rule

_ZERO = re.compile(r"^(?:0+(?:\.0+)?(?:ms|s|m|h))+$")
_RECONCILED = (
    "GitRepository",
    "OCIRepository",
    "Bucket",
    "HelmChart",
    "Kustomization",
    "HelmRelease",
    "ImageRepository",
    "ImageUpdateAutomation",
)
_FETCHED = ("GitRepository", "OCIRepository", "Bucket")


@rule(looks_at=STACK_AND_GIT)
def interval_is_not_zero(plan: Plan) -> Iterator[Finding]:
    """No `interval` or `retryInterval` is zero.

    Zero passes the schema and disables the next reconciliation (controller-runtime, Result.RequeueAfter): Flux would notice changes and
    failures only if another event triggers the controller.
    """
    for item in plan.of_kind(*_RECONCILED):
        if _ZERO.match(text(item.spec, "interval") or ""):
            yield item.wrong(
                ("spec", "interval"),
                "is zero, which means never",
                "Flux would not reconcile it again by itself.",
                "Write a time such as 10m, or suspend: true to stop it.",
            )
        if _ZERO.match(text(item.spec, "retryInterval") or ""):
            yield item.wrong(
                ("spec", "retryInterval"),
                "is zero, which means never",
                "Flux would not try again after a failure.",
                "Write a time such as 2m, or remove it to try again at the interval.",
            )


@rule(looks_at=STACK_AND_GIT)
def timeout_of_a_source_is_not_zero(plan: Plan) -> Iterator[Finding]:
    """No source has a `timeout` of zero.

    Zero passes the schema, but every fetch would time out before it begins (source-controller, context.WithTimeout).
    """
    for item in plan.of_kind(*_FETCHED):
        if _ZERO.match(text(item.spec, "timeout") or ""):
            yield item.wrong(("spec", "timeout"), "is zero", "Every fetch would time out at once.", "Write 60s.")
