"""No two things share a name: whoever reads one of them elsewhere knows which it is."""

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

import pytest

from tests.hygiene.source_code import modules, tree

ROOMS = ("bench", "components", "devcluster", "flux", "gitops", "live", "stacks")
"""Not the tests: their helpers are private to a folder. Not `requirements`: its programs run before there is an environment."""
NOT_OURS = "devcluster/gitea/repositories/"

MAY_SHARE_A_MODULE_NAME = {
    "__init__": "Python's own",
    "__main__": "Python's own",
    "app": "the command of its folder, with its options",
    "errors": "the errors of its room, which no other room raises",
    "help": "the help of its folder's command",
    "json_document": "what its folder's command writes with --output json",
    "provider": "what a plugin serves, in Pulumi's words; each plugin is a folder",
    "table": "what its folder's command prints",
}
MAY_SHARE_A_CLASS_NAME = {
    "Body": "a Kubernetes object as the API server takes and gives it; an alias where a module needs no more of it",
}


def public_names(module: ast.Module) -> Iterator[str]:
    """Classes and aliases of types at the top of a module."""
    for node in module.body:
        if isinstance(node, ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from (target.id for target in targets if isinstance(target, ast.Name) and is_class_like(target.id))


def is_class_like(name: str) -> bool:
    return name[0].isupper() and not name.isupper()


def shared(named: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Name → where it is used, of those that are used more than once."""
    found: dict[str, list[str]] = defaultdict(list)
    for name, where in named:
        if not name.startswith("_") or name.startswith("__"):
            found[name].append(where)
    return {name: places for name, places in found.items() if len(places) > 1}


def files() -> list[str]:
    return [file for file in modules(*ROOMS) if not file.startswith(NOT_OURS)]


@pytest.mark.thorough
def test_no_two_classes_share_a_name() -> None:
    found = shared((name, file) for file in files() for name in public_names(tree(file)))

    told = {name: places for name, places in found.items() if name not in MAY_SHARE_A_CLASS_NAME}
    assert not told, f"give the lesser-used one a name that explains itself, or say in this file why it is right to share: {told}"
    assert found.keys() == MAY_SHARE_A_CLASS_NAME.keys(), "no longer shared, so take it off the list"


def test_no_two_modules_share_a_name() -> None:
    found = shared((PurePosixPath(file).stem, file) for file in files())

    told = {name: places for name, places in found.items() if name not in MAY_SHARE_A_MODULE_NAME}
    assert not told, f"give the lesser-used one a name that explains itself, or say in this file why it is right to share: {told}"
    assert found.keys() == MAY_SHARE_A_MODULE_NAME.keys(), "no longer shared, so take it off the list"


def test_the_search_for_shared_names_finds_classes_and_aliases_of_types() -> None:
    first, second = ast.parse("class Plan: ...\n_Private = str\nLIMIT = 3"), ast.parse("Plan = dict[str, int]\n_Private = int\nLIMIT = 4")

    assert shared((name, file) for file, module in {"a": first, "b": second}.items() for name in public_names(module)) == {
        "Plan": ["a", "b"]
    }
