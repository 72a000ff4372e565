"""One cluster for the scenarios that begin with a running stack."""

from collections.abc import Iterator

import pytest

from tests.e2e.running_stack import RunningStack, stack_on_a_fresh_cluster


@pytest.fixture(scope="package")
def living(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStack]:
    """The dev stack, applied."""
    with stack_on_a_fresh_cluster(tmp_path_factory, "gitops-lifecycle") as made:
        made.up()
        yield made
