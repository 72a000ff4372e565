"""Variables that a Kustomization substitutes."""

import re
from collections.abc import Iterator

from flux.finding import Finding
from flux.object_reference import ObjectReference
from flux.rules.dependencies import dependencies
from flux.rules.plan import Plan, PlannedObject
from flux.rules.reading import entries, mapping, shown, text

_NAME = re.compile(r"^[_a-zA-Z][_a-zA-Z0-9]*$")


def variables_are_there_before_they_are_substituted(plan: Plan) -> Iterator[Finding]:
    """What a Kustomization substitutes from is made by the stack, or can be brought by a Kustomization that it waits for.

    Flux builds before it applies, and a missing ConfigMap or Secret fails the build (fluxcd/pkg kustomize.SubstituteVariables):
    one that lies in the Kustomization's own path is never applied on an empty cluster. `optional: true` allows it to be missing.
    """
    for item in plan.of_kind("Kustomization"):
        missing = [
            (path, kind, name)
            for path, entry in entries(item.spec, "postBuild", "substituteFrom")
            if (kind := text(entry, "kind")) in ("ConfigMap", "Secret")
            and (name := text(entry, "name"))
            and entry.get("optional") is not True
            and not plan.is_made(kind, item.identity.namespace, name)
        ]
        if not missing or _waits_for_one_that_could_bring_it(plan, item):
            continue
        for path, kind, name in missing:
            near = plan.made_like(kind, item.identity.namespace, name)
            meant = f"write {' or '.join(near)}, which this stack makes, or " if near else ""
            yield item.wrong(
                ("spec", *path),
                f"{kind} {shown(name)} is made neither by this stack nor by a Kustomization that this one waits for; on an empty cluster "
                f"the build would fail before anything is applied, for ever if the {kind} lies in this one's own path; "
                f"{meant}name the Kustomization that brings it in dependsOn, or write optional: true",
            )


def variable_has_a_name_that_can_be_substituted(plan: Plan) -> Iterator[Finding]:
    """The name of a variable under `postBuild.substitute` is made of letters, digits and underscores, and begins with no digit.

    Any other name fails the whole build (fluxcd/pkg kustomize, varsubRegex), even when nothing uses it.
    """
    for item in plan.of_kind("Kustomization"):
        for name in mapping(item.spec, "postBuild", "substitute"):
            if isinstance(name, str) and not _NAME.match(name):
                instead = re.sub(r"\W|^(?=\d)", "_", name, flags=re.ASCII)
                yield item.wrong(
                    ("spec", "postBuild", "substitute", name),
                    f"{shown(name)} is no name for a variable; Flux would refuse to build the Kustomization; "
                    + (f"write {instead}" if shown(name).startswith('"') and instead else "use letters, digits and underscores"),
                )


def _waits_for_one_that_could_bring_it(plan: Plan, item: PlannedObject) -> bool:
    """Git cannot be read here, so any Kustomization that applies to this very cluster could bring any object."""
    seen = {item.identity}
    waiting: list[ObjectReference] = [target for _, target in dependencies(item)]
    while waiting:
        target = waiting.pop()
        if target in seen:
            continue
        seen.add(target)
        found = plan.find(target)
        if found is None or not found.spec.get("kubeConfig"):
            return True
        waiting.extend(identity for _, identity in dependencies(found))
    return False


RULES = (variables_are_there_before_they_are_substituted, variable_has_a_name_that_can_be_substituted)
