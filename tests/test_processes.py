"""The count of what a test starts."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.processes import A_PYTHON, MOST, Started, check, counted


def test_every_process_counts_and_a_python_counts_as_many() -> None:
    with counted() as started:
        subprocess.run(["true"], check=True)
        subprocess.run("true", check=True)
        assert started.count == 2
    subprocess.run([Path("/bin/true")], check=True)
    assert started.count == 2, "only what is started within"

    started.note([sys.executable, "-c", "pass"])
    assert started.count == 2 + A_PYTHON


def test_a_test_that_starts_too_many_is_refused_with_what_to_do() -> None:
    started = Started()
    for _ in range(MOST):
        started.note([b"git", "init"])
    check(started)

    started.note("git")
    with pytest.raises(AssertionError, match=rf"starts as many as {MOST + 1} processes .* mark it `thorough`"):
        check(started)
