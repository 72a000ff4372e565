"""The check builds what `kubectl kustomize` builds of a path that was prepared, by other code, as Flux prepares it."""

import json
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gitops.check.file_finding import Severity
from gitops.check.follow.kustomize_build import build
from gitops.check.repository.tree import Tree
from tests.gitops.check.kustomize_trees import built_by_kubectl, spec_of, tree_of, written

ORIGIN = "config.kubernetes.io/origin"
PATHS = ("apps", "apps", "base", "other", "apps/one")
FEW = settings(max_examples=4, database=None, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))


def agree(random: Random) -> bool:
    """Whether there was something to compare."""
    files, spec, path = tree_of(random), spec_of(random), random.choice(PATHS)
    if not any(file.startswith(f"{path}/") for file in files):
        return False
    with TemporaryDirectory() as folder:
        written(Path(folder) / "ours", files)
        written(Path(folder) / "theirs", files)
        ours = build(Tree("repository", Path(folder) / "ours", files), f"./{path}", spec, "Kustomization it")
        errors = [each.text for each in ours.findings if each.severity is Severity.ERROR]
        theirs = built_by_kubectl(Path(folder) / "theirs", path, spec)
        if isinstance(theirs, str):
            assert errors, theirs
            return True
        assert not errors, errors
        assert in_order([each.body for each in ours.objects]) == in_order([without_origin(each) for each in theirs])
        assert sorted(each.file for each in ours.objects if not each.is_generated) == sorted(files_of(theirs, path))
    return True


def in_order(bodies: list[dict[str, Any]]) -> list[str]:
    return sorted(json.dumps(without_origin(each), sort_keys=True, default=str) for each in bodies)


def without_origin(body: dict[str, Any]) -> dict[str, Any]:
    metadata = dict(body["metadata"])
    annotations = {key: value for key, value in (metadata.pop("annotations", None) or {}).items() if key != ORIGIN}
    return {**body, "metadata": {**metadata, **({"annotations": annotations} if annotations else {})}}


def files_of(objects: list[dict[str, Any]], path: str) -> list[str]:
    origins = [(each["metadata"].get("annotations") or {}).get(ORIGIN, "") for each in objects]
    paths = [origin.partition("path: ")[2].strip() for origin in origins if origin.startswith("path: ")]
    return [str((Path("/") / path / each).resolve()).lstrip("/") for each in paths]


@pytest.mark.thorough
@FEW
@given(st.randoms(use_true_random=False))
def test_a_few_trees_are_built_as_kubectl_builds_them(random: Random) -> None:
    agree(random)


@pytest.mark.thorough
@pytest.mark.parametrize("first", range(0, 20_000, 1_000))
def test_two_thousand_trees_are_built_as_kubectl_builds_them(first: int) -> None:
    compared = 0
    for seed in range(first, first + 1_000):
        compared += agree(Random(seed))  # noqa: S311 (no secret)
        if compared == 100:
            return
    raise AssertionError("most trees have the path")
