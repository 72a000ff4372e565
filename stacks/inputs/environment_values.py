"""`{env: NAME}`: values that a stack file takes from the environment in which the program runs. In development only.

A stack file may come from anyone who opens a pull request, and a preview shows the values that it names. So it can refer only to
variables with a prefix of their own, in which no other program keeps a secret.
"""

import copy
import os
import re
from collections.abc import Iterator
from typing import Any

from flux.message import Message
from stacks.contract.catalog import Catalog
from stacks.contract.names import BY_THE_DEMO, OWN_PREFIX
from stacks.contract.stack import Stack
from stacks.reading.document import Document
from stacks.reading.model_walk import inside, takes_text
from stacks.reading.set_aside import SetAside
from stacks.words.place import KeyPath
from stacks.words.problems import Problem

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,60}")


def with_environment(document: Document, aside: SetAside, problems: list[Problem], *, allowed: bool) -> Document:
    """The stack file `document` with the values for which it refers to the environment.

    Only where a text belongs is `{env: NAME}` a reference; an object that happens to have the one key `env`, such as a node
    selector, is data. All variables that are not set are reported in one problem, and what needs them is set aside.
    """
    references = dict(_references(document.value, Stack, ()))
    values = {name: os.environ.get(name) for name in references.values() if name.startswith(OWN_PREFIX)}
    value = copy.deepcopy(document.value) if references else document.value
    for path, name in references.items():
        holder = value
        for part in path[:-1]:
            holder = holder[part]
        holder[path[-1]] = values.get(name)
        if values.get(name) is None:
            aside.put(path)
        if not name.startswith(OWN_PREFIX):
            problems.append(Problem(document.places.of(path), _another_variable(name)))
        elif not allowed:
            text = Message(
                "takes its value from the environment in which pulumi runs",
                "A reviewer could not see it; only development allows that.",
                "Write the value.",
            )
            problems.append(Problem(document.places.of(path), text))
    missing = {path: name for path, name in references.items() if name in values and values[name] is None}
    if missing and allowed:
        problems.append(Problem(document.places.of(next(iter(missing))), _not_set(list(dict.fromkeys(missing.values())))))
    return Document(value, document.places)


def _another_variable(name: str) -> Message:
    shown = f"the environment variable {name}" if _NAME.fullmatch(name) else "an environment variable"
    return Message(
        f"refers to {shown}, which is not read: its name does not begin with {OWN_PREFIX}",
        "The author of this file could print any secret of the person who previews it.",
        f"Write the value, or export it under a name such as {OWN_PREFIX}VALUE.",
    )


def _not_set(names: list[str]) -> Message:
    fix = f"Export {'it' if len(names) == 1 else 'them'}; {BY_THE_DEMO}"
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
