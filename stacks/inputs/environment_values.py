"""`{env: NAME}`: values that a stack file takes from the environment of whoever runs the program. In development only."""

import copy
import os
from collections.abc import Iterator
from typing import Any

from flux.message import Message
from stacks.contract.catalog import Catalog
from stacks.contract.stack import Stack
from stacks.reading.document import Document
from stacks.reading.model_walk import inside, takes_text
from stacks.reading.set_aside import SetAside
from stacks.words.place import KeyPath
from stacks.words.problems import Problem

_OF_THE_DEMO = "GITOPS_DEV_"


def with_environment(document: Document, aside: SetAside, problems: list[Problem], *, allowed: bool) -> Document:
    """The stack file `document` with the values for which it refers to the environment.

    Only where a text belongs is `{env: NAME}` a reference; an object that happens to have the one key `env`, such as a node
    selector, is data. A variable that is not set is told once with all others, and what wants it is set aside.
    """
    references = dict(_references(document.value, Stack, ()))
    value = copy.deepcopy(document.value) if references else document.value
    for path, name in references.items():
        holder = value
        for part in path[:-1]:
            holder = holder[part]
        holder[path[-1]] = os.environ.get(name)
        if name not in os.environ:
            aside.put(path)
        if not allowed:
            text = Message(
                "takes its value from the environment of whoever runs this",
                "The cluster could not be reviewed; only development allows that.",
                "Write the value.",
            )
            problems.append(Problem(document.places.of(path), text))
    missing = {path: name for path, name in references.items() if name not in os.environ}
    if missing and allowed:
        problems.append(Problem(document.places.of(next(iter(missing))), _not_set(list(dict.fromkeys(missing.values())))))
    return Document(value, document.places)


def _not_set(names: list[str]) -> Message:
    fix = 'Run: eval "$(make -s env)".' if all(name.startswith(_OF_THE_DEMO) for name in names) else "Set it, or write the value."
    if len(names) == 1:
        return Message(f"the environment variable {names[0]} is not set", "The value is unknown.", fix)
    listed = f"{', '.join(names[:-1])} and {names[-1]}"
    return Message(f"the environment variables {listed} are not set", f"{len(names)} values of this file are unknown.", fix)


def _references(value: Any, annotation: Any, path: KeyPath) -> Iterator[tuple[KeyPath, str]]:
    if isinstance(value, dict) and set(value) == {"env"} and isinstance(value["env"], str) and takes_text(annotation):
        yield path, value["env"]
        return
    for part, item in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        is_override = path == ("override",)
        yield from _references(item, _overridden(str(part)) if is_override else inside(annotation, value, part), (*path, part))


def _overridden(target: str) -> Any:
    """The type of the entry that an override changes."""
    section = Catalog.model_fields.get(target.partition("/")[0])
    return inside(section.annotation, {}, target) if section else None
