"""Edits of a generated repository: what a person does between two commits, at random."""

import random
from collections.abc import Callable
from copy import deepcopy
from typing import Any

from tests.gitops.compare.generated_repositories import (
    ANNOTATIONS,
    KINDS,
    VARIABLES,
    WORDS,
    Repository,
    Thing,
    Unit,
    choices,
    fields_of_kustomize,
    new_thing,
    new_unit,
    new_value,
    patch,
)
from tests.gitops.compare.synced_builders import FLUX

Edit = Callable[[random.Random, Repository], bool]
"""Whether it found something to change."""


def head(before: Repository, count: int | None = None) -> tuple[Repository, list[str]]:
    """The repository after some edits, and which they were."""
    rng = random.Random(f"head {before.seed}")  # noqa: S311
    made, done = deepcopy(before), list[str]()
    for _ in range(count or rng.randint(2, 7)):
        edit = rng.choice(EDITS)
        if edit(rng, made):
            done.append(edit.__name__)
    return made, done


def _any(rng: random.Random, made: Repository) -> tuple[Unit, Thing] | None:
    every = [(unit, thing) for unit in made.units for thing in unit.things]
    return rng.choice(every) if every else None


def _unit(rng: random.Random, made: Repository, *, nests: bool | None = None) -> Unit | None:
    units = [each for each in made.units if nests is None or bool(made.children(each)) is nests]
    return rng.choice(units) if units else None


def value_changes(rng: random.Random, made: Repository) -> bool:
    if found := _any(rng, made):
        found[1].values[rng.choice(("one", "two", "three"))] = new_value(rng)
    return bool(found)


def value_needs_a_variable(rng: random.Random, made: Repository) -> bool:
    """Which may be undefined, and then keeps Flux from applying anything."""
    if found := _any(rng, made):
        found[1].values["one"] = f"${{{rng.choice((*VARIABLES, 'CLUSTER_NAME'))}}}"
    return bool(found)


def value_goes(rng: random.Random, made: Repository) -> bool:
    if (found := _any(rng, made)) and len(found[1].values) > 1:
        del found[1].values[rng.choice(sorted(found[1].values))]
        return True
    return False


def object_comes(rng: random.Random, made: Repository) -> bool:
    if unit := _unit(rng, made):
        unit.things.append(new_thing(rng, made, unit))
    return bool(unit)


def object_goes(rng: random.Random, made: Repository) -> bool:
    found = _any(rng, made)
    if not found or len(found[0].things) < 2:
        return False
    found[0].things.remove(found[1])
    return True


def object_is_renamed(rng: random.Random, made: Repository) -> bool:
    if found := _any(rng, made):
        found[1].name = made.new_name("renamed")
    return bool(found)


def file_is_renamed(rng: random.Random, made: Repository) -> bool:
    if found := _any(rng, made):
        found[1].file = f"{rng.choice(('', 'more/', 'other/'))}{made.new_name('file')}.yaml"
    return bool(found)


def object_moves(rng: random.Random, made: Repository) -> bool:
    found, target = _any(rng, made), _unit(rng, made)
    if not found or target is found[0] or len(found[0].things) < 2:
        return False
    unit, thing = found
    if target is None or (thing.kind == "Deployment" and target.spec.get("wait")):
        return False  # nothing makes it ready
    unit.things.remove(thing)
    target.things.append(thing)
    return True


def another_kind(rng: random.Random, made: Repository) -> bool:
    if not (found := _any(rng, made)):
        return False
    found[1].kind = rng.choice(KINDS[:-1])
    return True


def another_namespace(rng: random.Random, made: Repository) -> bool:
    if found := _any(rng, made):
        found[1].namespace = next(each for each in made.namespaces if each != found[1].namespace)
    return bool(found)


def annotation_changes(rng: random.Random, made: Repository) -> bool:
    if not (found := _any(rng, made)):
        return False
    key, _, values = rng.choice(ANNOTATIONS)
    name = f"{FLUX}/{key}"
    if name in found[1].annotations:
        del found[1].annotations[name]
    else:
        found[1].annotations[name] = rng.choice(values)
    return True


def annotation_comes_before_it_goes(rng: random.Random, made: Repository) -> bool:
    """An object that goes although, in the cluster, Flux must not delete it."""
    kept = [(unit, thing) for unit in made.units for thing in unit.things if f"{FLUX}/prune" in thing.annotations]
    if not kept:
        return False
    unit, thing = rng.choice(kept)
    unit.things.remove(thing)
    return True


def image_changes(rng: random.Random, made: Repository) -> bool:
    found = [thing for unit in made.units for thing in unit.things if thing.kind == "Deployment"]
    if found:
        rng.choice(found).image = str(rng.randint(2, 9))
    return bool(found)


def selector_changes(rng: random.Random, made: Repository) -> bool:
    found = [thing for unit in made.units for thing in unit.things if thing.kind == "Deployment"]
    if found:
        rng.choice(found).selector = rng.choice(WORDS)
    return bool(found)


def prune_changes(rng: random.Random, made: Repository) -> bool:
    if unit := _unit(rng, made):
        unit.spec["prune"] = not unit.spec["prune"]
    return bool(unit)


def field_changes(rng: random.Random, made: Repository) -> bool:
    if not (unit := _unit(rng, made)):
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
    if unit := _unit(rng, made):
        unit.spec["patches"] = [*unit.spec.get("patches", []), patch(rng)]
    return bool(unit)


def target_changes(rng: random.Random, made: Repository) -> bool:
    if not (unit := _unit(rng, made, nests=False)):
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
    if unit := _unit(rng, made):
        unit.directory = made.new_name("moved")
        if "components" in unit.spec:
            unit.spec["components"] = [f"../{unit.directory}-part"]
    return bool(unit)


def kustomization_is_renamed(rng: random.Random, made: Repository) -> bool:
    if not (unit := _unit(rng, made)):
        return False
    old, unit.name = unit.name, made.new_name(f"{made.called}-ks")
    for each in made.units:
        each.parent = unit.name if each.parent == old else each.parent
        for entry in each.spec.get("dependsOn", []):
            entry["name"] = unit.name if entry["name"] == old else entry["name"]
    return True


def kustomization_goes(rng: random.Random, made: Repository) -> bool:
    if len(made.units) < 2 or not (unit := _unit(rng, made)):
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
    if not (unit := _unit(rng, made)):
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
    if unit := _unit(rng, made):
        unit.spec["suspend"] = True
    return bool(unit)


def build_breaks(rng: random.Random, made: Repository) -> bool:
    units = [each for each in made.units if each.has_file and not made.children(each)]
    if units:
        rng.choice(units).missing = True
    return bool(units)


_OFTEN: tuple[Edit, ...] = (value_changes, object_comes, object_goes, object_moves, field_changes, kustomization_is_renamed)
_SELDOM: tuple[Any, ...] = (
    value_goes,
    value_needs_a_variable,
    object_is_renamed,
    file_is_renamed,
    another_kind,
    another_namespace,
    annotation_changes,
    annotation_comes_before_it_goes,
    image_changes,
    selector_changes,
    prune_changes,
    variable_changes,
    patch_comes,
    target_changes,
    component_comes_or_goes,
    generator_changes,
    kustomize_changes,
    file_of_kustomize_comes_or_goes,
    path_changes,
    kustomization_goes,
    kustomization_comes,
    kustomization_moves,
    dependency_goes,
    is_suspended,
    build_breaks,
)
EDITS: tuple[Edit, ...] = (*_OFTEN, *_OFTEN, *_SELDOM)
