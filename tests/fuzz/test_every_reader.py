"""Every reader is given thousands of damaged inputs: each is taken, or refused with the reader's own error, in little time and memory."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from tests.engine import REPOSITORY
from tests.fuzz.readers import READERS

pytestmark = [pytest.mark.thorough, pytest.mark.timeout(1_800)]
INPUTS = int(os.environ.get("GITOPS_FUZZ_INPUTS", "2000"))
SEED = os.environ.get("GITOPS_FUZZ_SEED", "1")
MOST_SECONDS, MOST_MEBIBYTES = 5, 300


def watched(reader: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.fuzz.watch", reader, str(INPUTS), SEED]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"the process ended with {done.returncode}: {done.stderr[-2_000:]}"
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("reader", READERS)
def test_a_damaged_input_is_taken_or_refused_as_it_should_be(reader: str, record_property: Any) -> None:
    found = watched(reader)

    assert "broke" not in found, found
    assert found["inputs"] >= INPUTS
    assert found["seconds"] < MOST_SECONDS, found
    assert found["mebibytes"] < MOST_MEBIBYTES, found
    assert found["taken"], "all was refused: nothing beyond the first check was tried"
    record_property("figures", found)
