"""The repository's own Python as syntax trees."""

import ast
import subprocess
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from tests.engine import REPOSITORY

PROGRAM = ("__main__.py", "components", "flux", "live", "stacks")
"""What runs within `pulumi up`."""


@cache
def committed_files() -> tuple[str, ...]:
    """Every file in the index and every new one that no .gitignore names, relative to the repository."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout
    return tuple(sorted(file for file in set(listed.split("\0")) if file and (REPOSITORY / file).is_file()))


def modules(*rooms: str) -> list[str]:
    """Python files of these rooms; of all without one."""
    return [
        file
        for file in committed_files()
        if file.endswith(".py") and (not rooms or file in rooms or any(file.startswith(f"{room}/") for room in rooms))
    ]


@cache
def text(file: str) -> str:
    """What a file of the repository says."""
    return (REPOSITORY / file).read_text(encoding="utf-8")


@cache
def tree(file: str) -> ast.Module:
    """The syntax tree of a file of the repository."""
    return ast.parse(text(file), filename=file)


@cache
def walked(module: ast.Module) -> tuple[ast.AST, ...]:
    """Every node of a tree: a dozen tests look for one kind or another in all of them."""
    return tuple(ast.walk(module))


def dotted(node: ast.AST) -> str:
    """`a.b.c` of a chain of names; empty for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (before := dotted(node.value)):
        return f"{before}.{node.attr}"
    return ""


def imported(module: ast.Module) -> Iterator[tuple[int, str]]:
    """Line and full dotted name of every import, wherever it stands."""
    for node in walked(module):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def shown(file: str | Path, lines: Iterable[int]) -> str:
    """`file:1, 7`."""
    return f"{file}:{', '.join(str(line) for line in lines)}"
