"""Every folder of code has floors that import-linter holds, and every contract says in a sentence what it is for."""

import configparser
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath

import pytest

from tests.engine import REPOSITORY
from tests.hygiene.source_code import modules

CONTRACT = "importlinter:contract:"
NOT_OURS = "devcluster/gitea/repositories/"
"""What the demo's sample repositories hold: data of Gitea, which this program never imports."""

Contracts = Mapping[str, Mapping[str, str]]


def contracts() -> configparser.ConfigParser:
    read = configparser.ConfigParser()
    read.read(REPOSITORY / ".importlinter")
    return read


def packages(files: Iterable[str]) -> set[str]:
    """The folders, as Python writes them, in which there are at least two modules or folders to be put into an order."""
    held: dict[str, set[str]] = defaultdict(set)
    for file in files:
        path = PurePosixPath(file)
        for part in (path, *path.parents[:-1]):
            if part.name != "__init__.py" and str(part.parent) != ".":
                held[".".join(part.parent.parts)].add(part.name)
    return {package for package, inside in held.items() if len(inside) > 1}


def layered(written: Contracts) -> Iterator[str]:
    """The packages whose every module stands on a floor: import-linter reports one that an exhaustive contract does not name."""
    for name, contract in written.items():
        if name.startswith(CONTRACT) and contract["type"] == "layers" and contract.get("exhaustive", "").lower() == "true":
            yield from contract["containers"].split()


def without_layers(files: Iterable[str], written: Contracts) -> list[str]:
    return sorted(packages(files) - set(layered(written)))


def code() -> list[str]:
    roots = contracts()["importlinter"]["root_packages"].split()
    return [file for file in modules(*roots) if not file.startswith(NOT_OURS)]


def test_every_folder_of_code_has_layers() -> None:
    found = without_layers(code(), contracts())

    assert not found, f"write a contract of layers for {found} into .importlinter, with exhaustive = True"


def test_every_root_folder_of_code_is_watched() -> None:
    roots = contracts()["importlinter"]["root_packages"].split()
    packaged = {PurePosixPath(file).parts[0] for file in modules() if PurePosixPath(file).parts[1:] == ("__init__.py",)}

    assert packaged - {"tests"} == set(roots)


@pytest.mark.parametrize(
    ("new", "missing"),
    [
        (["stacks/comparing/__init__.py", "stacks/comparing/rows.py", "stacks/comparing/table.py"], ["stacks.comparing"]),
        (["stacks/comparing/rows.py", "stacks/comparing/tables/html.py"], ["stacks.comparing"]),
        (["gitops/check/fetch/mirrors/a.py", "gitops/check/fetch/mirrors/b.py"], ["gitops.check.fetch.mirrors"]),
        (["stacks/comparing/__init__.py", "stacks/comparing/rows.py"], []),
    ],
    ids=["a folder", "a folder of a module and a folder", "a folder in a folder", "a folder of one module"],
)
def test_the_search_for_folders_without_layers_finds_a_new_one(new: list[str], missing: list[str]) -> None:
    assert without_layers([*code(), *new], contracts()) == missing


def test_a_contract_that_may_leave_modules_out_does_not_count() -> None:
    open_contract = {f"{CONTRACT}x": {"type": "layers", "containers": "stacks.words", "layers": "problems"}}

    assert list(layered(open_contract)) == []


def test_a_contracts_name_is_a_sentence() -> None:
    names = [contract["name"] for name, contract in contracts().items() if name.startswith(CONTRACT)]

    assert [name for name in names if len(name.split()) < 5 or not name[0].isupper() or name.endswith(".")] == []
    assert len(names) == len(set(names)) > 40
