"""What the clone has of the stack already: its file, its secrets, and whether it still takes over."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from flux.bounded_documents import only_document
from gitops.adopt.description import Description
from gitops.adopt.ending import Clone
from gitops.adopt.secret_values import commands
from gitops.stack_file import A_STACKS_FILE, plain_values, stack_file, text_at
from live.access.target import Target
from stacks.choosing.sections import SECTIONS
from stacks.contract.names import CATALOG
from stacks.contract.stack import secret_environment_variable


def clone_at_hand(stack: str, folder: Path, description: Description, target: Target) -> Clone:
    """Look."""
    values = plain_values(stack, folder)
    missing = [each for each in description.secrets if not _is_set(values, each.key)]
    return Clone(
        stack=stack,
        has_file=(folder / stack_file(stack)).exists(),
        missing_entries=tuple(_missing(description.catalog, only_document(folder / CATALOG, A_STACKS_FILE))),
        missing_secrets=tuple(commands(missing, stack, target)),
        takes_over=bool(values.get("takeOver")),
    )


def _missing(wanted: Mapping[str, Any], catalog: Any) -> Iterator[str]:
    """The entries that the catalog does not have: `git.name`, or kind and name of an object.

    An object may have become an entry of the section for its kind, and an entry may stand there as an object.
    """
    there: dict[str, list[str]] = {
        section: _names_in(catalog.get(section) if isinstance(catalog, Mapping) else None) for section in SECTIONS
    }
    objects = {f"{kind}/{name}" for each in SECTIONS.values() for kind in each.kinds for name in there[each.name]}
    for section, entries in wanted.items():
        if section == "objects":
            yield from (name for name in _names_in(entries) if name not in {*there[section], *objects})
        elif section in SECTIONS:
            kinds = SECTIONS[section].kinds
            known = {*there[section], *(name for name in _names_in(entries) if {f"{kind}/{name}" for kind in kinds} & {*there["objects"]})}
            yield from (f"{section}.{name}" for name in _names_in(entries) if name not in known)


def _names_in(entries: Any) -> list[str]:
    """The names of a section's entries; of its objects, kind and name."""
    if isinstance(entries, Mapping):
        return [*map(str, entries)]
    bodies = [each.get("object") for each in entries if isinstance(each, Mapping)] if isinstance(entries, list) else []
    metadata = [(body.get("kind"), body.get("metadata")) for body in bodies if isinstance(body, Mapping)]
    return [f"{kind}/{each.get('name')}" for kind, each in metadata if isinstance(each, Mapping)]


def cluster_name(stack: str, folder: Path) -> str:
    """What the stack file calls the cluster, else the stack's own name."""
    return text_at(plain_values(stack, folder), "cluster", "name") or stack


def _is_set(values: Mapping[str, object], key: str) -> bool:
    found = values.get(key)
    return (isinstance(found, Mapping) and set(found) == {"secure"}) or bool(os.environ.get(secret_environment_variable(key)))
