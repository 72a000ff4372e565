"""`make` alone teaches what there is."""

import re
import subprocess

from tests.engine import REPOSITORY

MAKEFILE = REPOSITORY / "Makefile"


def test_make_lists_every_target_and_what_it_prints_can_be_pasted() -> None:
    printed = subprocess.run(["make", "--no-print-directory"], cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout
    targets = re.findall(r"^\.PHONY: (.+)$", MAKEFILE.read_text(), re.MULTILINE)
    assert targets, "a file without targets proves nothing"
    assert {line.split()[0] for line in printed.splitlines()} == {name for line in targets for name in line.split()}
    assert "$$" not in printed
