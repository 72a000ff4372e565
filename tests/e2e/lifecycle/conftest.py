"""One cluster for the scenarios that begin with a running stack."""

import os
from collections.abc import Iterator
from functools import partial

import pytest

from tests.e2e.lifecycle.objects import strangers
from tests.e2e.lifecycle.workloads import Kept, kept
from tests.e2e.running_stack import RunningStack, changed_stack_file, eventually, stack_on_a_fresh_cluster

SOAK = frozenset(
    {
        "test_a_controller_that_does_not_come_up",
        "test_adopt_an_older_layout",
        "test_adopt_an_older_release",
        "test_adopt_chart_flux2",
        "test_adopt_flux_install",
        "test_plain_destroy_with_dead_controllers",
        "test_sizes_under_load",
    }
)
"""Modules that belong to `make soak` alone: what they show is shown by another origin, too, or takes a quarter of an hour."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is for `make soak`."""
    if os.environ.get("GITOPS_TEST_MATRIX") == "all":
        return
    left_out = [item for item in items if item.path.stem in SOAK]
    items[:] = [item for item in items if item not in left_out]
    config.hook.pytest_deselected(items=left_out)


_SHARED: list[RunningStack] = []
"""The stack that the scenarios share, once one of them has asked for it."""


@pytest.fixture(scope="package")
def living(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStack]:
    """The dev stack, applied."""
    with stack_on_a_fresh_cluster(tmp_path_factory, "gitops-lifecycle") as made:
        made.up()
        _SHARED.append(made)
        yield made
        _SHARED.clear()


@pytest.fixture(scope="module", autouse=True)
def _no_strangers_left() -> Iterator[None]:
    """A module leaves no Flux object of anybody else on the shared cluster: destructions after it would keep the CRDs for that."""
    yield
    for stack in _SHARED:
        eventually(partial(strangers, stack.cluster), lambda found: not found, "no Flux object of anybody else is left", seconds=30)


@pytest.fixture(scope="module")
def keeping(living: RunningStack, tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """The stack with keepWorkloads and all that Flux applies, as a module begins."""
    return kept(living, changed_stack_file(tmp_path_factory.mktemp("kept"), onDestroy="keepWorkloads"))
