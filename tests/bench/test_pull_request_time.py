"""What the benchmark renders and compares is a stack that is accepted, and a change that is found."""

from pathlib import Path

import pytest

from bench import pull_request_time
from bench.errors import BenchError
from bench.validation_time import catalog_of
from tests.manifests import manifests_directory


@pytest.fixture(autouse=True)
def flux(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITOPS_FLUX_MANIFESTS", str(manifests_directory()))


def test_its_own_stack_is_rendered_and_its_change_is_found(tmp_path: Path) -> None:
    before, after = catalog_of(12), catalog_of(12)
    after["defaults"]["GitRepository"]["interval"] = "30m"
    base, head = pull_request_time._written(tmp_path / "base", before), pull_request_time._written(tmp_path / "head", after)

    assert pull_request_time._render(base).count("kind: GitRepository\n") > 12
    (change,) = pull_request_time._compare(base, head).changes
    assert len(change.names) == 12


def test_a_refused_stack_ends_the_benchmark(tmp_path: Path) -> None:
    catalog = catalog_of(2)
    catalog["defaults"]["GitRepository"]["interval"] = "often"

    with pytest.raises(BenchError, match=r"not\s+a\s+duration"):
        pull_request_time._render(pull_request_time._written(tmp_path / "base", catalog))
