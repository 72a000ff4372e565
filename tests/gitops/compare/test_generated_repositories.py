"""The generated repositories, of which tests/e2e asks Flux: the same from the same number, and all kinds of them."""

from collections import Counter

import yaml

from tests.gitops.compare.generated_edits import EDITS, head
from tests.gitops.compare.generated_repositories import ANNOTATIONS, base, files_of
from tests.gitops.compare.synced_builders import FLUX

FIELDS = {
    "commonMetadata", "components", "deletionPolicy", "dependsOn", "force", "healthChecks", "images", "namePrefix", "nameSuffix", "patches",
    "postBuild", "prune", "targetNamespace", "wait",
}  # fmt: skip


def test_the_same_number_makes_the_same_repository_and_another_one_makes_another() -> None:
    for seed in (0, 7):
        assert files_of(base(seed)) == files_of(base(seed))
        assert head(base(seed)) == head(base(seed))
    assert files_of(base(0)).keys() != files_of(base(7)).keys()
    assert files_of(base(7)) != files_of(head(base(7))[0])


def test_twenty_have_every_field_and_two_hundred_have_every_edit() -> None:
    twenty = [base(seed) for seed in range(20)]
    units = [unit for made in twenty for unit in made.units]
    annotations = {name for unit in units for thing in unit.things for name in thing.annotations}
    edits = Counter(edit for seed in range(200) for edit in head(base(seed))[1])

    assert {field for unit in units for field in unit.spec} == FIELDS
    assert annotations == {f"{FLUX}/{key}" for key, _, _ in ANNOTATIONS}
    assert {unit.has_file for unit in units} == {unit.inherits for unit in units} == {bool(unit.parent) for unit in units} == {True, False}
    assert {key for unit in units for key in unit.kustomize} >= {"configMapGenerator", "labels", "commonAnnotations", "namePrefix"}
    assert edits.keys() == {edit.__name__ for edit in EDITS}


def test_every_object_has_a_name_of_its_own_before_and_after() -> None:
    for seed in range(50):
        for made in (base(seed), head(base(seed))[0]):
            written = [body for text in files_of(made).values() for body in yaml.safe_load_all(text)]
            names = [(body["kind"], body["metadata"]["name"]) for body in written if "kustomize.config" not in body["apiVersion"]]
            assert len(names) == len(set(names)), f"repository {seed}"
