"""Durations that are none."""

import re
from collections.abc import Iterator

from flux.finding import Finding
from flux.rules.plan import Plan
from flux.rules.reading import text

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


def interval_is_not_zero(plan: Plan) -> Iterator[Finding]:
    """No `interval` or `retryInterval` is zero.

    Zero passes the schema, and means "do not come back" (controller-runtime, Result.RequeueAfter): changes and failures would
    only be noticed when something else wakes the controller.
    """
    for item in plan.of_kind(*_RECONCILED):
        if _ZERO.match(text(item.spec, "interval") or ""):
            yield item.wrong(
                ("spec", "interval"),
                "an interval of zero means never; Flux would not look at it again by itself; write a time such as 10m, "
                "or suspend: true to stop it",
            )
        if _ZERO.match(text(item.spec, "retryInterval") or ""):
            yield item.wrong(
                ("spec", "retryInterval"),
                "a retryInterval of zero means never; after a failure Flux would not try again; write a time such as 2m, "
                "or leave it out to try again at the interval",
            )


def timeout_of_a_source_is_not_zero(plan: Plan) -> Iterator[Finding]:
    """No source has a `timeout` of zero.

    Zero passes the schema, and every fetch would end before it begins (source-controller, context.WithTimeout).
    """
    for item in plan.of_kind(*_FETCHED):
        if _ZERO.match(text(item.spec, "timeout") or ""):
            yield item.wrong(("spec", "timeout"), "a timeout of zero ends every fetch before it begins; nothing would arrive; write 60s")


RULES = (interval_is_not_zero, timeout_of_a_source_is_not_zero)
