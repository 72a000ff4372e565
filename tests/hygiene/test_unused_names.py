"""Every public name has a use in the program: what only tests call is tested for nothing."""

import ast
from collections.abc import Iterable, Iterator

from tests.hygiene.source_code import modules, tree, walked

ROOMS = ("__main__.py", "bench", "components", "devcluster", "flux", "gitops", "live", "requirements", "stacks")
NOT_OURS = "devcluster/gitea/repositories/"
HARMLESS = {"abstractmethod", "cache", "cached_property", "classmethod", "contextmanager", "dataclass", "final", "lru_cache", "property"}
HARMLESS |= {"setter", "staticmethod"}
"""Decorators that call nothing. Any other hands the function to somebody: a rule, a command, a validator of a model."""

CALLED_BY_OTHERS = {
    **dict.fromkeys(("Attach", "Cancel", "GetPluginInfo", "GetSchema", "Handshake", "Invoke"), "Pulumi's engine calls a plugin over gRPC"),
    **dict.fromkeys(("check_config", "diff_config"), "the methods of the plugin protocol call a provider's by their names"),
    "check_requirements": "the tests compare the pages and the samples of trees with all that gitops check can report",
    "ignore_aliases": "PyYAML asks a dumper",
}
"""Public names without a use in the program, and who calls them."""


def defined(module: ast.Module) -> Iterator[str]:
    """Public functions, classes and constants at the top of a module, and public methods and properties."""
    for node in module.body:
        if isinstance(node, ast.ClassDef):
            yield node.name
            yield from (each.name for each in node.body if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef) and is_ours(each))
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and is_ours(node):
            yield node.name
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from (each.id for target in targets for each in ast.walk(target) if isinstance(each, ast.Name))


def is_ours(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether nobody but the program itself calls it."""
    calls = (each.func if isinstance(each, ast.Call) else each for each in function.decorator_list)
    return all((each.attr if isinstance(each, ast.Attribute) else getattr(each, "id", "")) in HARMLESS for each in calls)


def used(module: ast.Module) -> Iterator[str]:
    """Every name that is read, every attribute, and what is imported under another name."""
    for node in walked(module):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.ImportFrom):
            yield from (each.name for each in node.names if each.asname)


def unused(program: Iterable[ast.Module]) -> set[str]:
    """Public names of the program that nothing in it reads."""
    every = list(program)
    named = {name for module in every for name in defined(module) if not name.startswith("_")}
    return named - {name for module in every for name in used(module)}


def test_every_public_name_is_used_by_the_program() -> None:
    found = unused(tree(file) for file in modules(*ROOMS) if not file.startswith(NOT_OURS))

    told = sorted(found - CALLED_BY_OTHERS.keys())
    assert not told, f"remove it, test what the program calls instead, or say in this file who calls it: {told}"
    assert found == CALLED_BY_OTHERS.keys(), f"used by now, so take it off the list: {sorted(CALLED_BY_OTHERS.keys() - found)}"


def test_the_search_finds_what_nothing_reads() -> None:
    module = ast.parse(
        "LIMIT = 1\nLEFT = 2\n_OWN = 3\n"
        "class Kept:\n    def asked(self): return LIMIT\n    def forgotten(self): ...\n    @property\n    def seen(self): ...\n"
        "def lonely(): Kept().asked()\n@rule(1)\ndef required(): ...\n"
    )

    assert unused([module]) == {"LEFT", "forgotten", "lonely", "seen"}
