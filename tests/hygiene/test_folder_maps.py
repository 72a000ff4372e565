"""The docstring of a folder that has a map names each module and folder in it, and nothing else."""

import ast
import re
from pathlib import Path

import pytest

from tests.engine import REPOSITORY

ENTRY = re.compile(r"^(\w+(?:, \w+)*) {2,}\S", re.MULTILINE)
ROOMS = ("components", "flux", "gitops", "live", "stacks")
WITH_A_MAP = ("bench", "devcluster", "live")
"""Rooms whose folders must have one; a folder of the others may."""


def named(folder: Path) -> set[str]:
    described = ast.get_docstring(ast.parse((folder / "__init__.py").read_text())) or ""
    return {name for entry in ENTRY.findall(described) for name in entry.split(", ")}


def folders(*rooms: str) -> list[str]:
    return sorted(file.parent.relative_to(REPOSITORY).as_posix() for room in rooms for file in (REPOSITORY / room).glob("**/__init__.py"))


FOLDERS = [*folders(*WITH_A_MAP), *(each for each in folders(*ROOMS) if each not in WITH_A_MAP and named(REPOSITORY / each))]


def test_the_commands_with_many_modules_have_a_map() -> None:
    assert {"gitops/adopt", "gitops/destroy", "gitops/drift", "gitops/status", "gitops/up"} <= set(FOLDERS)


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_docstring_of_a_folder_names_each_of_its_modules(folder: str) -> None:
    path = REPOSITORY / folder
    there = {file.stem for file in path.glob("*.py")} | {file.parent.name for file in path.glob("*/__init__.py")}
    assert named(path) - {"__main__"} == there - {"__init__", "__main__"}
