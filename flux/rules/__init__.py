"""The second layer: what is wrong with a stack's Flux objects although each of them satisfies its CRD.

`check` is pure: plain bodies in, findings out, all of them at once and in the order of the bodies. A body of a wrong shape is the
schema's business (`flux.schema`); a rule that cannot read it has nothing to say.
"""

from flux.finding import Finding
from flux.rules import (
    awaiting,
    connections,
    credentials,
    decryption,
    dependencies,
    durations,
    gates,
    identities,
    image_automation,
    kustomizations,
    logins,
    notifications,
    paths,
    references,
    sources,
    substitution,
    versions,
)
from flux.rules.plan import INSTALLATION, Plan, PlannedObjects
from flux.rules.rule import Rule

__all__ = ["INSTALLATION", "PlannedObjects", "Rule", "check", "rules"]

_MODULES = (
    versions,
    identities,
    sources,
    credentials,
    logins,
    connections,
    references,
    dependencies,
    paths,
    substitution,
    decryption,
    kustomizations,
    awaiting,
    durations,
    gates,
    notifications,
    image_automation,
)


def rules() -> list[Rule]:
    """Every rule, in the order in which a reference page should list them."""
    return [Rule(function) for module in _MODULES for function in module.RULES]


def check(planned: PlannedObjects) -> list[Finding]:
    """Everything that the rules have to say: first about the installation, then object by object, in the order of the bodies."""
    plan = Plan(planned)
    order = {INSTALLATION: -1}
    for index, item in enumerate(plan.objects):
        order.setdefault(item.identity, index)
    found = [finding for rule in rules() for finding in rule.findings(plan)]
    # sorted is stable: findings of one object stay in the order of the rules
    return sorted(dict.fromkeys(found), key=lambda finding: order[finding.identity])
