"""docs/security.md says how many attacks the tests try; the tests themselves are counted."""

import re
import subprocess
import sys
from functools import cache

import pytest

from tests.attacks import FOLDER, HARMLESS, ROOMS, counted, room_of, summary
from tests.engine import REPOSITORY

PAGE = REPOSITORY / "docs" / "security.md"
TABLE = re.compile(r"^\| what attacks \| attacks \|\n\|---\|---\|\n(?:\|.*\|\n)+", re.MULTILINE)


@cache
def cases() -> tuple[str, ...]:
    """Every attack that `make test` tries."""
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", "-m", f"not {HARMLESS}", FOLDER]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True)
    return tuple(line for line in done.stdout.splitlines() if "::" in line)


def table() -> str:
    found = counted(cases())
    lines = [f"| {room} | {found[room]:,} |" for room in ROOMS]
    return "\n".join(["| what attacks | attacks |", "|---|---|", *lines, f"| **all** | **{found.total():,}** |", ""])


@pytest.mark.thorough
def test_the_page_says_how_many_attacks_are_tried(update_goldens: bool) -> None:
    page = PAGE.read_text(encoding="utf-8")
    found = TABLE.search(page)
    assert found, "docs/security.md has the table"
    if update_goldens:
        PAGE.write_text(page.replace(found[0], table()), encoding="utf-8")
    else:
        assert found[0] == table(), "if the change is meant: pytest tests/hygiene/test_attack_figures.py --update-goldens"


def test_every_module_of_attacks_is_counted_in_one_room() -> None:
    modules = {file.stem.removeprefix("test_") for file in (REPOSITORY / FOLDER).glob("test_*.py")}
    listed = [module for each in ROOMS.values() for module in each]
    assert not modules - set(listed), "tests/attacks.py says what attacks there"
    assert len(listed) == len(set(listed))


def test_what_a_run_showed_is_one_line() -> None:
    file, registry, repository = (f"{FOLDER}test_{name}.py::test_a" for name in ("a_stack_file", "the_login_of_a_registry", "supply_chain"))
    assert summary([f"{file}[1]", f"{file}[2]", f"{file}[2]", registry, "tests/flux/test_a.py::test_b"], [repository]) == (
        "attacks held: 3 of 4 tried (a stack file 3 of 3, the supply chain 0 of 1)"
    )
    assert summary(["tests/flux/test_a.py::test_b"], []) == ""
    assert room_of("tests/flux/test_a.py::test_b") is None
