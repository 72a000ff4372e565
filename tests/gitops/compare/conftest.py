"""What the tests of a comparison share."""

import pytest

from tests.gitops.compare.synced_repository import InMemory


@pytest.fixture(scope="module")
def memory(tmp_path_factory: pytest.TempPathFactory) -> InMemory:
    return InMemory(tmp_path_factory.mktemp("stacks"))
