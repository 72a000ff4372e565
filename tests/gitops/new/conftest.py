from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.gitops.new.clone import Clone, a_clone


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Clone]:
    """A clone without a catalog, and a kubeconfig with one context; the registry tells a digest."""
    with a_clone(tmp_path, monkeypatch) as made:
        yield made
