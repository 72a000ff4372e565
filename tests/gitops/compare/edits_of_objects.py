"""Edits of the objects of a generated repository; each says whether it found something to change."""

import random

from tests.gitops.compare.generated_repositories import (
    ANNOTATIONS,
    KINDS,
    VARIABLES,
    WORDS,
    Repository,
    Thing,
    Unit,
    any_unit,
    new_thing,
    new_value,
)
from tests.gitops.compare.synced_builders import FLUX


def any_thing(rng: random.Random, made: Repository) -> tuple[Unit, Thing] | None:
    every = [(unit, thing) for unit in made.units for thing in unit.things]
    return rng.choice(every) if every else None


def value_changes(rng: random.Random, made: Repository) -> bool:
    if found := any_thing(rng, made):
        found[1].values[rng.choice(("one", "two", "three"))] = new_value(rng)
    return bool(found)


def value_needs_a_variable(rng: random.Random, made: Repository) -> bool:
    """Which may be undefined, and then keeps Flux from applying anything."""
    if found := any_thing(rng, made):
        found[1].values["one"] = f"${{{rng.choice((*VARIABLES, 'CLUSTER_NAME'))}}}"
    return bool(found)


def value_goes(rng: random.Random, made: Repository) -> bool:
    if (found := any_thing(rng, made)) and len(found[1].values) > 1:
        del found[1].values[rng.choice(sorted(found[1].values))]
        return True
    return False


def object_comes(rng: random.Random, made: Repository) -> bool:
    if unit := any_unit(rng, made):
        unit.things.append(new_thing(rng, made, unit))
    return bool(unit)


def object_goes(rng: random.Random, made: Repository) -> bool:
    found = any_thing(rng, made)
    if not found or len(found[0].things) < 2:
        return False
    found[0].things.remove(found[1])
    return True


def object_is_renamed(rng: random.Random, made: Repository) -> bool:
    if found := any_thing(rng, made):
        found[1].name = made.new_name("renamed")
    return bool(found)


def file_is_renamed(rng: random.Random, made: Repository) -> bool:
    if found := any_thing(rng, made):
        found[1].file = f"{rng.choice(('', 'more/', 'other/'))}{made.new_name('file')}.yaml"
    return bool(found)


def object_moves(rng: random.Random, made: Repository) -> bool:
    found, target = any_thing(rng, made), any_unit(rng, made)
    if not found or target is found[0] or len(found[0].things) < 2:
        return False
    unit, thing = found
    if target is None or (thing.kind == "Deployment" and target.spec.get("wait")):
        return False  # nothing makes it ready
    unit.things.remove(thing)
    target.things.append(thing)
    return True


def another_kind(rng: random.Random, made: Repository) -> bool:
    if not (found := any_thing(rng, made)):
        return False
    found[1].kind = rng.choice(KINDS[:-1])
    return True


def another_namespace(rng: random.Random, made: Repository) -> bool:
    if found := any_thing(rng, made):
        found[1].namespace = next(each for each in made.namespaces if each != found[1].namespace)
    return bool(found)


def annotation_changes(rng: random.Random, made: Repository) -> bool:
    if not (found := any_thing(rng, made)):
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
