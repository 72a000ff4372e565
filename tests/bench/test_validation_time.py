"""What the benchmark judges is a cluster that would be accepted: a refused one would be judged faster, or slower."""

import pytest

from bench import validation_time
from bench.errors import BenchError
from tests.documents import document
from tests.manifests import distribution


def test_the_benchmarks_own_objects_are_accepted() -> None:
    validation_time._judge(document(validation_time.catalog_of(12)), distribution())


def test_a_refused_object_ends_the_benchmark() -> None:
    catalog = validation_time.catalog_of(2)
    catalog["defaults"]["GitRepository"]["interval"] = "often"

    with pytest.raises(BenchError, match=r"not\s+a\s+duration"):
        validation_time._judge(document(catalog), distribution())
