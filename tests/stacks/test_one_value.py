"""One value walked: `gitops:override.git/argo-workflows.spec.interval` of the dev stack, from the file to the cluster.

Each step is one test, in the order in which the value passes: read, validated, merged, judged, told, applied.
"""

from functools import cache
from pathlib import Path

import pytest

from flux.message import Message
from flux.owners_mark import OwnersMark
from stacks.choosing.choose import choose
from stacks.choosing.chosen import Chosen
from stacks.choosing.planned_body import PlannedBody
from stacks.contract.catalog import Catalog
from stacks.contract.stack import Stack
from stacks.judging.check_objects import gathered
from stacks.reading.document import Document
from stacks.reading.validation import Validated, validate
from stacks.reading.yaml_file import A_CATALOG, read_yaml
from stacks.words.place import Place
from stacks.words.problems import Problem
from tests.engine import REPOSITORY, entry_point, run
from tests.shipped_stacks import dev, shipped
from tests.stacks.test_settings import mistake

FILE = REPOSITORY / "Pulumi.dev.yaml"
TARGET = "git/argo-workflows"
LINE = next(number for number, line in enumerate(FILE.read_text().splitlines(), 1) if TARGET in line)
KEY = ("gitops:override", TARGET, "spec", "interval")
PLACE = Place(file="Pulumi.dev.yaml", line=LINE, key=KEY, layer="override")


@cache
def read() -> Document:
    """stacks/reading/yaml_file.py: the values, and the places with them."""
    return read_yaml(FILE, FILE.name)


def overriding() -> Validated[Stack]:
    """stacks/reading/validation.py: a stack file with this override alone, its places kept."""
    override = read().at("config", "gitops:override")
    value = {
        "environment": "development",
        "cluster": {"name": "dev", "context": "dev"},
        "flux": {"manifests": "./manifests"},
        "use": ["ml"],
        "override": {TARGET: override.value[TARGET]},
    }
    root = read().places.at("config")
    places = type(root)(root.here, {"override": override.places})
    validated = validate(Stack, Document(value, places), [])
    assert validated is not None
    return validated


@cache
def chosen() -> Chosen:
    """stacks/choosing/choose.py: the catalog, and the override merged over it."""
    problems: list[Problem] = []
    catalog = validate(Catalog, read_yaml(REPOSITORY / "catalog.yaml", "catalog.yaml", A_CATALOG), problems)
    assert catalog is not None
    result = choose(catalog, overriding(), problems, OwnersMark.of("gitops", "test", "test"))
    assert problems == []
    return result


def body() -> PlannedBody:
    return chosen().of_kind("GitRepository")["argo-workflows"]


def test_it_is_read_with_its_place() -> None:
    interval = read().at("config", *KEY)

    assert (interval.value, interval.places.here) == ("1m", PLACE)


def test_it_keeps_its_place_in_the_model() -> None:
    assert overriding().place("override", TARGET, "spec", "interval") == PLACE
    assert overriding().model.override[TARGET] == {"spec": {"interval": "1m"}}


def test_it_is_merged_over_the_default_and_brings_its_place_along() -> None:
    assert body().spec["interval"] == "1m"
    assert body().places.of(("spec", "interval")) == PLACE


def test_what_it_does_not_touch_keeps_the_places_of_others() -> None:
    where = {path: body().places.of(("spec", path)) for path in ("url", "ref")}

    assert {path: (place.file, place.layer, place.key) for path, place in where.items()} == {
        "url": ("catalog.yaml", "host", ("hosts", "gitea", "url")),
        "ref": ("catalog.yaml", "default", ("defaults", "GitRepository", "ref")),
    }


def test_what_is_found_in_the_body_is_told_where_it_was_written() -> None:
    finding = Message('"1m" is wrong', "Nothing would come.", "Write 5m.")

    (problem,) = gathered([(body().places.of(("spec", "interval")), finding, body())])

    assert str(problem) == f"Pulumi.dev.yaml:{LINE} gitops:override.git/argo-workflows.spec.interval: {finding}"


def test_a_wrong_one_is_judged_and_told_before_anything_is_registered(tmp_path: Path) -> None:
    override = {**shipped("dev")["gitops:override"], TARGET: {"spec": {"interval": "5 minutes"}}}

    text = mistake(dev(tmp_path, config={"gitops:override": override}))

    assert text.splitlines()[1:] == [f'{PLACE}: "5 minutes" is not a duration. The API server would refuse the GitRepository. Write 5m.']


@pytest.mark.parametrize("preview", [True, False])
def test_it_is_applied_as_it_was_planned(preview: bool, tmp_path: Path) -> None:
    record = run(entry_point(), **dev(tmp_path, preview=preview))

    applied = record.object("GitRepository", "argo-workflows").inputs["spec"]
    assert applied["interval"] == "1m"
    assert applied["ref"] == body().spec["ref"]
