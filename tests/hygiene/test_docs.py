"""What the docs say of the repository is counted, listed and compared with the code."""

import ast
import configparser
import re
from functools import cache
from pathlib import PurePosixPath

import grimp
import pytest
import typer.main

from gitops.cli import app as cli
from gitops.new.files import YOURS
from tests.engine import REPOSITORY
from tests.hygiene.source_code import committed_files, modules, tree, walked

INDEX = "docs/README.md"
ARCHITECTURE = "docs/architecture.md"
WHOLE_PAGE = re.compile(r"\]\(([^)#\s]+\.md)\)")
COUNTED = re.compile(r"^\| `(\w+)/` \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|$", re.MULTILINE)
FLOOR = re.compile(r"^(\d)  (\S+(?: \S+)*)  +\S", re.MULTILINE)
ROOMS = ("stacks", "components", "flux", "live", "gitops", "devcluster", "bench")


def text(file: str) -> str:
    return (REPOSITORY / file).read_text(encoding="utf-8")


def on_one_line(markdown: str) -> str:
    """Without code marks and line ends."""
    return " ".join(markdown.replace("`", "").split())


def test_the_index_lists_every_page() -> None:
    pages = {file for file in committed_files() if file.startswith("docs/") and file.endswith(".md")} - {INDEX}
    listed = [f"docs/{target}" for target in WHOLE_PAGE.findall(text(INDEX))]

    assert sorted(listed) == sorted(pages), f"{INDEX} lists each page once, beside links to parts of pages"


def test_the_index_names_every_command() -> None:
    commands = typer.main.get_group(cli).commands

    assert len(commands) > 10
    assert [name for name in commands if not re.search(rf"gitops (\w+ and )?{name}\b", text(INDEX))] == []


def arrows(graph: grimp.ImportGraph, room: str) -> dict[str, list[str]]:
    """Folder or module directly in the room → those that it imports."""
    parts = sorted(graph.find_children(room))
    return {
        one: [each for each in parts if each != one and graph.direct_import_exists(importer=one, imported=each, as_packages=True)]
        for one in parts
    }


def counts(room: str) -> tuple[int, int, int, int]:
    """Modules with code; folders directly in the room; imports between its folders and modules; the longest chain of those."""
    graph = grimp.build_graph(room, cache_dir=None)
    below = arrows(graph, room)
    parts = list(below)

    @cache
    def floors(part: str) -> int:
        return 1 + max(map(floors, below[part]), default=0)

    modules = [each for each in graph.modules if not graph.find_children(each)]
    folders = [each for each in parts if graph.find_children(each)]
    return len(modules), len(folders), sum(map(len, below.values())), max(map(floors, parts))


@pytest.mark.parametrize("room", ROOMS)
def test_the_architecture_page_has_the_counts_of_every_room(room: str, update_goldens: bool) -> None:
    page = text(ARCHITECTURE)
    written = {found[1]: found for found in COUNTED.finditer(page)}
    now = " | ".join(["", f"`{room}/`", *map(str, counts(room)), ""]).strip()

    if update_goldens:
        (REPOSITORY / ARCHITECTURE).write_text(page.replace(written[room][0], now), encoding="utf-8")
    else:
        assert written[room][0] == now, "if the change is meant: pytest tests/hygiene/test_docs.py --update-goldens"


def drawn(room: str) -> str:
    """The room as a graph in Mermaid, without the arrows that follow from others."""
    below = arrows(grimp.build_graph(room, cache_dir=None), room)

    @cache
    def reached(part: str) -> frozenset[str]:
        return frozenset(below[part]).union(*map(reached, below[part]))

    shown = [
        (one, each)
        for one, direct in below.items()
        for each in direct
        if not any(each in reached(other) for other in direct if other != each)
    ]
    return "\n".join(["flowchart TD", *(f"  {one.removeprefix(room + '.')} --> {each.removeprefix(room + '.')}" for one, each in shown)])


@pytest.mark.parametrize("room", ["stacks"])
def test_the_architecture_page_shows_the_floors_of_a_room_as_they_are(room: str, update_goldens: bool) -> None:
    page = text(ARCHITECTURE)
    found = re.search(rf"<!-- {room} -->\n```mermaid\n(.*?)\n```\n", page, re.DOTALL)
    assert found
    if update_goldens:
        (REPOSITORY / ARCHITECTURE).write_text(page.replace(found[1], drawn(room)), encoding="utf-8")
    else:
        assert found[1] == drawn(room), "if the change is meant: pytest tests/hygiene/test_docs.py --update-goldens"


def test_the_architecture_page_lists_the_floors_of_stacks_as_the_contract_has_them() -> None:
    contracts = configparser.ConfigParser()
    contracts.read(REPOSITORY / ".importlinter", encoding="utf-8")
    layers = [line.split(" | ") for line in contracts["importlinter:contract:stacks-floors"]["layers"].strip().splitlines()]
    written = {int(floor): names.split() for floor, names in FLOOR.findall(text(ARCHITECTURE))}

    assert [sorted(each.rstrip("/") for each in written[floor]) for floor in sorted(written, reverse=True)] == [*map(sorted, layers)]
    for name in (name for names in written.values() for name in names):
        assert (REPOSITORY / "stacks" / name).is_dir() == name.endswith("/"), name


def test_the_walk_of_a_value_names_what_exists() -> None:
    definitions = [node for file in modules("stacks", "flux") for node in walked(tree(file))]
    functions = {node.name for node in definitions if isinstance(node, ast.FunctionDef)}
    classes = {node.name: node for node in definitions if isinstance(node, ast.ClassDef)}
    table = text(ARCHITECTURE).partition("| step | before | now |\n")[2].partition("\n\n")[0]
    named = [name for row in table.splitlines()[1:] for name in re.findall(r"`([\w.]+)(?:\(\w+\))?`", row.split("|")[3])]

    assert len(named) > 10
    for name in named:
        owner, _, last = name.rpartition(".")
        methods = {each.name for each in classes[owner].body if isinstance(each, ast.FunctionDef)} if owner in classes else functions
        assert last in methods or last in classes, name


@pytest.mark.parametrize("page", ["docs/tutorial.md", "docs/new.md"])
def test_a_page_says_what_is_yours_in_the_words_of_the_program(page: str) -> None:
    assert YOURS in on_one_line(text(page))


def test_no_page_says_it_in_other_words() -> None:
    pages = [file for file in committed_files() if PurePosixPath(file).suffix == ".md"]
    others = [
        file for file in pages if re.search(r"(?i)(?<!yours; )updates \S*( \(`git pull`\))? ?changes? ", " ".join(text(file).split()))
    ]

    assert not others, f"say it as gitops/new/files.py does: {YOURS}"
