"""The second layer: what is wrong with Flux objects although each of them satisfies its CRD.

`check` is pure: plain bodies in, findings out, all of them at once and in the order of the bodies. A body of a wrong shape is the
schema's business (`flux.schema`); a rule that cannot read it has nothing to say.
"""

from collections.abc import Iterable

from flux.finding import Finding
from flux.object_reference import ObjectReference
from flux.rules import (
    awaiting,
    connections,
    decryption_keys,
    dependencies,
    every_object,
    gates,
    health_checks,
    image_automation,
    intervals,
    lockdown,
    logins,
    named_objects,
    notifications,
    paths,
    references,
    revisions,
    secret_keys,
    shards,
    source_addresses,
    source_specs,
    transport,
    variables,
    versions,
    web_pages,
)
from flux.rules.plan import INSTALLATION, Plan, PlannedObjects
from flux.rules.rule import Rule, judge, rules_in

__all__ = ["INSTALLATION", "PlannedObjects", "Rule", "check", "rules"]

MODULES = (
    versions,
    every_object,
    source_addresses,
    web_pages,
    source_specs,
    revisions,
    transport,
    secret_keys,
    logins,
    connections,
    references,
    named_objects,
    lockdown,
    dependencies,
    paths,
    variables,
    decryption_keys,
    health_checks,
    awaiting,
    intervals,
    gates,
    shards,
    notifications,
    image_automation,
)
"""All modules that make rules, in the order in which a reference page should list them."""


def rules() -> list[Rule[Plan]]:
    """Every rule over Flux objects."""
    return [rule for module in MODULES for rule in rules_in(module)]


def check(planned: PlannedObjects, asked: Iterable[Rule[Plan]] | None = None) -> list[Finding]:
    """What the rules find that hold in the stack's environment: first in the stack file, then object by object, in their order.

    `asked`: these rules instead of all existing ones.
    """
    plan = Plan(planned)
    order: dict[ObjectReference | None, int] = {None: -1}
    for index, item in enumerate(plan.objects):
        order.setdefault(item.reference, index)
    found = judge(rules() if asked is None else asked, plan, planned.environment)
    # sorted is stable: findings of one object stay in the order of the rules
    return sorted(dict.fromkeys(found), key=lambda finding: order[finding.object])
