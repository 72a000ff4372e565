"""A secret that was pasted into the wrong place, any place, is never printed: neither as a value nor as a key."""

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flux.keys.age_identity import identity_from_seed, recipient_of
from stacks.reading.yaml_file import read_yaml
from stacks.words.place import KeyPath
from tests.engine import REPOSITORY
from tests.keys import certificate, example_secrets
from tests.stack_files import preview

TOKEN = "".join(("kJ8s0Qm2", "LpZx7VbN", "4tRwY3cD"))
EXAMPLES = REPOSITORY / "docs" / "examples"
STACK = read_yaml(EXAMPLES / "Pulumi.example.yaml", "Pulumi.example.yaml").value
AGE_KEYS = STACK["config"]["gitops:age"]["keys"]
STACK["config"] |= {f"gitops:age-{name}": {"secure": identity_from_seed(name)} for name in AGE_KEYS}
AGE_KEYS["2026-11"]["recipient"] = recipient_of(identity_from_seed("2026-11"))
STACK["config"] |= {f"gitops:{key}": {"secure": value} for key, value in example_secrets().items()}
STACK["config"]["gitops:credentials"]["client-certificate"]["certificate"] = certificate()
CATALOG = read_yaml(EXAMPLES / "catalog.yaml", "catalog.yaml").value


def places(value: Any, path: KeyPath = ()) -> Iterator[KeyPath]:
    if path:
        yield path
    items: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        if key != "secure":
            yield from places(item, (*path, key))


def replaced(document: Any, path: KeyPath, value: Any) -> Any:
    changed = copy.deepcopy(document)
    holder = changed
    for part in path[:-1]:
        holder = holder[part]
    holder[path[-1]] = value
    return changed


def renamed(document: Any, path: KeyPath) -> Any:
    """The key itself is the token."""
    changed = copy.deepcopy(document)
    holder = changed
    for part in path[:-1]:
        holder = holder[part]
    holder[TOKEN] = holder.pop(path[-1])
    return changed


def documents(document: Any, path: KeyPath) -> Iterator[Any]:
    """The token as the name of a key, and in place of the value where that is no object or list of others."""
    if isinstance(path[-1], str):
        yield renamed(document, path)
    if not list(places(value_at(document, path))):
        yield replaced(document, path, TOKEN)


def value_at(document: Any, path: KeyPath) -> Any:
    for part in path:
        document = document[part]
    return document


def printed(folder: Path, stack: Any, catalog: Any) -> str:
    record = preview(folder, json.dumps(stack), catalog=json.dumps(catalog), register=False)
    return record.errors + record.printed


PLACES = [
    *(("stack", path) for path in places(STACK) if path[0] == "config" and len(path) > 1),
    *(("catalog", path) for path in places(CATALOG)),
]


IN_TURN = [place if index % 15 == 0 else pytest.param(*place, marks=pytest.mark.thorough) for index, place in enumerate(PLACES)]
"""Every fifteenth place in the fast tier, the others in the long one."""


@pytest.mark.parametrize(("which", "path"), IN_TURN, ids=lambda value: ".".join(map(str, value)) if isinstance(value, tuple) else value)
def test_a_token_in_the_wrong_place_is_never_printed(which: str, path: KeyPath, tmp_path: Path) -> None:
    for index, changed in enumerate(documents(STACK if which == "stack" else CATALOG, path)):
        folder = tmp_path / str(index)
        folder.mkdir()
        text = printed(folder, changed, CATALOG) if which == "stack" else printed(folder, STACK, changed)
        assert TOKEN not in text, text


def test_the_examples_themselves_are_taken(tmp_path: Path) -> None:
    assert printed(tmp_path, STACK, CATALOG) == ""
