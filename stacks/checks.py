"""Rules between objects, which no schema of a single object knows."""

from typing import Any

from stacks.choice import Chosen
from stacks.model import Stack
from stacks.problems import Problem
from stacks.validation import Locate, nearest


def check_objects(chosen: Chosen, stack: Stack, locate: Locate, problems: list[Problem]) -> None:
    """Add a problem for each reference to something that this stack does not make, and for each object that is declared twice."""
    sources = {
        "GitRepository": set(chosen.git),
        "HelmRepository": set(chosen.helm),
        "OCIRepository": set(chosen.oci),
    }
    for name, args in chosen.kustomizations.items():
        _check_source(name, args.spec, sources, locate, problems)
        for index, dependency in enumerate(args.spec.get("dependsOn", [])):
            target = dependency.get("name")
            if target not in chosen.kustomizations:
                near = nearest(str(target), chosen.kustomizations)
                text = f"there is no Kustomization {target!r} in this stack, so Flux would wait for it for ever{near}"
                problems.append(Problem(locate(("kustomizations", name, "spec", "dependsOn", index)), text))
        if args.spec.get("decryption") and not stack.age.keys and "secretRef" not in args.spec["decryption"]:
            text = "decrypts, but the stack has no age key, so Flux could not. Add one under gitops:age.keys"
            problems.append(Problem(locate(("kustomizations", name, "spec", "decryption")), text))
    declared = {(kind, name) for kind, names in sources.items() for name in names} | {
        ("Kustomization", name) for name in chosen.kustomizations
    }
    for item in chosen.objects:
        if (item.kind, item.object_name) in declared:
            text = f"{item.kind}/{item.object_name} is declared twice; one would overwrite the other. Rename or remove one"
            problems.append(Problem(locate(("objects",)), text))
        declared.add((item.kind, item.object_name))


def _check_source(name: str, spec: dict[str, Any], sources: dict[str, set[str]], locate: Locate, problems: list[Problem]) -> None:
    reference = spec.get("sourceRef", {})
    kind, target = reference.get("kind"), reference.get("name")
    if kind in sources and target not in sources[kind] and "namespace" not in reference:
        text = f"this stack has no {kind} {target!r}, so Flux would have nothing to apply{nearest(str(target), sources[kind])}"
        problems.append(Problem(locate(("kustomizations", name, "spec", "sourceRef")), text))
