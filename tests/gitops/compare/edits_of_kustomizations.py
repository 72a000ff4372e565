"""Edits of the Kustomizations of a generated repository; each says whether it found something to change."""

import random

from tests.gitops.compare.generated_repositories import WORDS, Repository, any_unit, choices, fields_of_kustomize, new_unit, patch


def prune_changes(rng: random.Random, made: Repository) -> bool:
    if unit := any_unit(rng, made):
        unit.spec["prune"] = not unit.spec["prune"]
    return bool(unit)


def field_changes(rng: random.Random, made: Repository) -> bool:
    if not (unit := any_unit(rng, made)):
        return False
    key, _, value = rng.choice(list(choices(rng, made)))
    if key in ("namePrefix", "nameSuffix") and ("targetNamespace" not in unit.spec or made.children(unit)):
        return False
    if key == "wait" and (made.children(unit) or any(thing.kind == "Deployment" for thing in (*unit.things, *unit.part))):
        return False
    if key in unit.spec and rng.random() < 0.5:
        del unit.spec[key]
    else:
        unit.spec[key] = value
    return True


def variable_changes(rng: random.Random, made: Repository) -> bool:
    with_variables = [each for each in made.units if each.spec.get("postBuild", {}).get("substitute")]
    if not with_variables:
        return False
    variables = rng.choice(with_variables).spec["postBuild"]["substitute"]
    name = rng.choice(sorted(variables))
    if rng.random() < 0.3:
        del variables[name]
    else:
        variables[name] = rng.choice((*WORDS, "5", "yes"))
    return True


def patch_comes(rng: random.Random, made: Repository) -> bool:
    if unit := any_unit(rng, made):
        unit.spec["patches"] = [*unit.spec.get("patches", []), patch(rng)]
    return bool(unit)


def target_changes(rng: random.Random, made: Repository) -> bool:
    if not (unit := any_unit(rng, made, nests=False)):
        return False
    unit.spec["targetNamespace"] = rng.choice([each for each in made.namespaces if each != unit.spec.get("targetNamespace")])
    return True


def component_comes_or_goes(rng: random.Random, made: Repository) -> bool:
    units = [each for each in made.units if each.part]
    if units and "components" in (unit := rng.choice(units)).spec:
        del unit.spec["components"]
    elif units:
        unit.spec["components"] = [f"../{unit.directory}-part"]
    return bool(units)


def generator_changes(rng: random.Random, made: Repository) -> bool:
    units = [each for each in made.units if "configMapGenerator" in each.kustomize]
    if units:
        rng.choice(units).kustomize["configMapGenerator"][0]["literals"] = [f"answer={rng.choice(WORDS)}"]
    return bool(units)


def kustomize_changes(rng: random.Random, made: Repository) -> bool:
    units = [each for each in made.units if each.has_file and not made.children(each)]
    if units:
        unit = rng.choice(units)
        kept = {key: value for key, value in unit.kustomize.items() if key in ("configMapGenerator", "namespace")}
        new = {key: value for key, value in fields_of_kustomize(rng, made, unit) if key not in ("configMapGenerator", "namespace")}
        unit.kustomize = {**kept, **new}
    return bool(units)


def file_of_kustomize_comes_or_goes(rng: random.Random, made: Repository) -> bool:
    units = [each for each in made.units if not each.kustomize and not each.missing]
    if units:
        unit = rng.choice(units)
        unit.has_file = not unit.has_file
    return bool(units)


def path_changes(rng: random.Random, made: Repository) -> bool:
    if unit := any_unit(rng, made):
        unit.directory = made.new_name("moved")
        if "components" in unit.spec:
            unit.spec["components"] = [f"../{unit.directory}-part"]
    return bool(unit)


def kustomization_is_renamed(rng: random.Random, made: Repository) -> bool:
    if not (unit := any_unit(rng, made)):
        return False
    old, unit.name = unit.name, made.new_name(f"{made.called}-ks")
    for each in made.units:
        each.parent = unit.name if each.parent == old else each.parent
        for entry in each.spec.get("dependsOn", []):
            entry["name"] = unit.name if entry["name"] == old else entry["name"]
    return True


def kustomization_goes(rng: random.Random, made: Repository) -> bool:
    if len(made.units) < 2 or not (unit := any_unit(rng, made)):
        return False
    gone = {unit.name, *(each.name for each in made.below(unit))}
    made.units = [each for each in made.units if each.name not in gone]
    for each in made.units:
        if needs := [entry for entry in each.spec.get("dependsOn", []) if entry["name"] not in gone]:
            each.spec["dependsOn"] = needs
        else:
            each.spec.pop("dependsOn", None)
    return True


def kustomization_comes(rng: random.Random, made: Repository) -> bool:
    made.units.append(new_unit(rng, made, ""))
    return True


def kustomization_moves(rng: random.Random, made: Repository) -> bool:
    """To another parent, or to none."""
    if not (unit := any_unit(rng, made)):
        return False
    own = {unit.name, *(each.name for each in made.below(unit))}
    parents = [each.name for each in made.units if each.may_nest and not made.before(each.name) & own]
    new = rng.choice(["", *parents])
    if new == unit.parent or any(entry["name"] in made.before(new) for entry in unit.spec.get("dependsOn", [])):
        return False
    unit.parent = new
    return True


def dependency_goes(rng: random.Random, made: Repository) -> bool:
    units = [each for each in made.units if "dependsOn" in each.spec]
    if units:
        del rng.choice(units).spec["dependsOn"]
    return bool(units)


def is_suspended(rng: random.Random, made: Repository) -> bool:
    if unit := any_unit(rng, made):
        unit.spec["suspend"] = True
    return bool(unit)


def build_breaks(rng: random.Random, made: Repository) -> bool:
    units = [each for each in made.units if each.has_file and not made.children(each)]
    if units:
        rng.choice(units).missing = True
    return bool(units)
