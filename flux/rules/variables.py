"""Variables that a Kustomization substitutes."""

import re
from collections.abc import Iterator

from flux.any_shape import at, entries, mapping, shown, text
from flux.bodies import STACK_VARIABLES_CONFIG_MAP
from flux.finding import STACK, STACK_AND_GIT, Finding
from flux.listing import either
from flux.object_reference import FLUX_NAMESPACE, ObjectReference
from flux.rules.plan import Plan, PlannedObject
from flux.rules.relations import dependencies
from flux.rules.rule import rule

_NOTHING_APPLIED = "On an empty cluster, the build would fail before Flux applies anything."
_NAME = re.compile(r"^[_a-zA-Z][_a-zA-Z0-9]*$")


@rule(looks_at=STACK)
def variables_are_there_before_they_are_substituted(plan: Plan) -> Iterator[Finding]:
    """The stack creates the objects from which a Kustomization substitutes, or a Kustomization that it depends on can create them.

    Flux builds before it applies, and a missing ConfigMap or Secret fails the build (fluxcd/pkg kustomize.SubstituteVariables): on an
    empty cluster, one in the Kustomization's own path is never applied. With `optional: true` it may be missing.
    """
    for item in plan.of_kind("Kustomization"):
        missing = [
            (path, kind, name)
            for path, entry in entries(item.spec, "postBuild", "substituteFrom")
            if (kind := text(entry, "kind")) in ("ConfigMap", "Secret")
            and (name := text(entry, "name"))
            and entry.get("optional") is not True
            and not plan.is_made(kind, item.namespace, name)
        ]
        if not missing or _waits_for_one_that_could_bring_it(plan, item):
            continue
        for path, kind, name in missing:
            wrong = f"names {kind} {shown(name)}, which neither this stack nor a dependency provides"
            if (kind, item.namespace, name) == ("ConfigMap", FLUX_NAMESPACE, STACK_VARIABLES_CONFIG_MAP):
                yield item.wrong(
                    ("spec", *path), wrong, _NOTHING_APPLIED, "Declare gitops:variables in the stack file: the stack then creates it."
                )
                continue
            near = either(plan.made_like(kind, item.namespace, name))
            first = f"Write {near}, which this stack creates, or name" if near else "Name"
            yield item.wrong(
                ("spec", *path),
                wrong,
                _NOTHING_APPLIED,
                f"{first} the Kustomization that provides it in dependsOn, or write optional: true.",
            )


@rule(looks_at=STACK_AND_GIT)
def variable_has_a_name_that_can_be_substituted(plan: Plan) -> Iterator[Finding]:
    """The name of a variable under `postBuild.substitute` has only letters, digits and underscores, and does not begin with a digit.

    Any other name fails the whole build (fluxcd/pkg kustomize, varsubRegex), even if nothing uses it.
    """
    for item in plan.of_kind("Kustomization"):
        for name in mapping(item.spec, "postBuild", "substitute"):
            if isinstance(name, str) and not _NAME.match(name):
                instead = re.sub(r"\W|^(?=\d)", "_", name, flags=re.ASCII)
                is_shown = shown(name).startswith('"') and instead
                yield item.wrong(
                    ("spec", "postBuild", "substitute", name),
                    f"{shown(name)} is not a valid name for a variable",
                    "Flux would refuse to build the Kustomization.",
                    f"Write {instead}." if is_shown else "Use letters, digits and underscores.",
                )


def _waits_for_one_that_could_bring_it(plan: Plan, item: PlannedObject) -> bool:
    """Git cannot be read here, so any Kustomization that applies to this very cluster could bring any object."""
    if _depends_on_what_is_unclear(item):
        return True
    seen = {item.reference}
    waiting: list[ObjectReference] = [target for _, target in dependencies(item)]
    while waiting:
        target = waiting.pop()
        if target in seen:
            continue
        seen.add(target)
        found = plan.find(target)
        if found is None or not found.spec.get("kubeConfig") or _depends_on_what_is_unclear(found):
            return True
        waiting.extend(needed for _, needed in dependencies(found))
    return False


def _depends_on_what_is_unclear(item: PlannedObject) -> bool:
    """Whether `dependsOn` has a shape, or an entry, that cannot be read. That is an error of its own, and may hide any dependency."""
    written = at(item.spec, "dependsOn")
    return written is not None and not (isinstance(written, list) and len(dependencies(item)) == len(written))
