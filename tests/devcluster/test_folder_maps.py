"""The docstring of a folder is its map: it names each module and folder in it, and nothing else."""

import ast
import re
from pathlib import Path

import pytest

from tests.engine import REPOSITORY

FOLDERS = [
    "bench",
    *sorted(file.parent.relative_to(REPOSITORY).as_posix() for file in (REPOSITORY / "devcluster").glob("**/__init__.py")),
]
ENTRY = re.compile(r"^(\w+(?:, \w+)*) {2,}\S", re.MULTILINE)


def named(folder: Path) -> set[str]:
    described = ast.get_docstring(ast.parse((folder / "__init__.py").read_text())) or ""
    return {name for entry in ENTRY.findall(described) for name in entry.split(", ")}


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_docstring_of_a_folder_names_each_of_its_modules(folder: str) -> None:
    path = REPOSITORY / folder
    there = {file.stem for file in path.glob("*.py")} | {file.parent.name for file in path.glob("*/__init__.py")}
    assert named(path) - {"__main__"} == there - {"__init__", "__main__"}
