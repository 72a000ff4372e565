"""Edits of a generated repository: what a person does between two commits, at random."""

import random
from collections.abc import Callable
from copy import deepcopy

from tests.gitops.compare import edits_of_kustomizations, edits_of_objects
from tests.gitops.compare.generated_repositories import Repository

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


_OFTEN: tuple[Edit, ...] = (
    edits_of_objects.value_changes,
    edits_of_objects.object_comes,
    edits_of_objects.object_goes,
    edits_of_objects.object_moves,
    edits_of_kustomizations.field_changes,
    edits_of_kustomizations.kustomization_is_renamed,
)
_SELDOM: tuple[Edit, ...] = (
    edits_of_objects.value_goes,
    edits_of_objects.value_needs_a_variable,
    edits_of_objects.object_is_renamed,
    edits_of_objects.file_is_renamed,
    edits_of_objects.another_kind,
    edits_of_objects.another_namespace,
    edits_of_objects.annotation_changes,
    edits_of_objects.annotation_comes_before_it_goes,
    edits_of_objects.image_changes,
    edits_of_objects.selector_changes,
    edits_of_kustomizations.prune_changes,
    edits_of_kustomizations.variable_changes,
    edits_of_kustomizations.patch_comes,
    edits_of_kustomizations.target_changes,
    edits_of_kustomizations.component_comes_or_goes,
    edits_of_kustomizations.generator_changes,
    edits_of_kustomizations.kustomize_changes,
    edits_of_kustomizations.file_of_kustomize_comes_or_goes,
    edits_of_kustomizations.path_changes,
    edits_of_kustomizations.kustomization_goes,
    edits_of_kustomizations.kustomization_comes,
    edits_of_kustomizations.kustomization_moves,
    edits_of_kustomizations.dependency_goes,
    edits_of_kustomizations.is_suspended,
    edits_of_kustomizations.build_breaks,
)
EDITS: tuple[Edit, ...] = (*_OFTEN, *_OFTEN, *_SELDOM)
