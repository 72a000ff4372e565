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
MAY_SHARE_THE_NAME_OF_A_FOLDER = {
    "client": "a forge's and the API server's: both send requests, each to its own kind of server",
    "control_plane": "the folder's own subject: the module that starts the programs of the others",
    "controllers": "Flux's controllers, which the demo runs and `gitops status` shows",
    "documents": "files that people read or write: generated ones there, YAML with several documents here",
    "drift": "the folder's own subject: what it is, before it is found or shown",
    "flux_objects": "the objects of Flux's kinds, in the cluster and in Git",
    "gitea": "Gitea: the demo's server, and its API",
    "judging": "rules, applied to a stack file or to what Git holds",
    "keys": "what a key looks like, and which of the cluster's are needed",
    "messages": "how a room words or prints its messages",
    "ownership": "who owns an object, in the cluster and in Git",
    "repository": "a Git repository: the command that makes one, and how a check reads one",
}
"""Names that a module shares with a folder of another subject or with its own, and why."""
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


def with_folder(every: Iterable[str]) -> dict[str, list[str]]:
    """Name → folder and modules, of those that a folder and a module share."""
    paths = [PurePosixPath(file) for file in every]
    folders = {str(folder) for path in paths for folder in path.parents if folder.name}
    named = shared([*((PurePosixPath(each).name, each) for each in sorted(folders)), *((path.stem, str(path)) for path in paths)])
    return {
        name: places
        for name, places in named.items()
        if any(each in folders for each in places) and any(each not in folders for each in places)
    }


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


def test_no_module_shares_its_name_with_a_folder() -> None:
    found = with_folder(files())

    told = {name: places for name, places in found.items() if name not in MAY_SHARE_THE_NAME_OF_A_FOLDER}
    assert not told, f"give the module a name that says what it does, or say in this file why it is right to share: {told}"
    assert found.keys() == MAY_SHARE_THE_NAME_OF_A_FOLDER.keys(), "no longer shared, so take it off the list"


def test_the_search_for_shared_folders_finds_a_module_in_another_room() -> None:
    assert with_folder(["a/keys/__init__.py", "a/keys/ssh.py", "b/keys.py", "b/c.py"]) == {"keys": ["a/keys", "b/keys.py"]}


def test_the_search_for_shared_names_finds_classes_and_aliases_of_types() -> None:
    first, second = ast.parse("class Plan: ...\n_Private = str\nLIMIT = 3"), ast.parse("Plan = dict[str, int]\n_Private = int\nLIMIT = 4")

    assert shared((name, file) for file, module in {"a": first, "b": second}.items() for name in public_names(module)) == {
        "Plan": ["a", "b"]
    }
