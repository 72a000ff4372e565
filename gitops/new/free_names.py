"""Names that a catalog which stays does not have yet, so that added lines replace none of its entries."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path
from typing import Any

from gitops.new.answers import Answers
from gitops.new.existing_catalog import document_of, groups_of
from stacks.contract.section_names import NAMED_SECTIONS

KINDS = ("GitRepository", "Kustomization")


@dataclass(frozen=True, kw_only=True)
class Names:
    """What new entries are called, and what a person is shown about it."""

    group: str
    entry: str
    """Of the GitRepository and of the Kustomization."""
    host: str
    notes: tuple[str, ...] = ()


def free_names(catalog: Path, answers: Answers) -> Names:
    """The stack's name as the group, the repository's as the entries', with a number behind it where the catalog has that name."""
    document = document_of(catalog)
    notes: list[str] = []
    wanted, name = answers.stack, answers.repository.object_name
    group = _free(wanted, {group for entry in _bodies(document) for group in groups_of(entry)})
    if group != wanted:
        notes.append(f"The catalog has entries in group {wanted} already, so the new entries are in group {group}.")
    entry = _free(name, _names(document, "git", "kustomizations") | _names_of_objects(document))
    if entry != name:
        notes.append(f"The catalog has an entry {name} already, so the new entries are called {entry}.")
    host = _free(f"{group}-{answers.repository.host_name}", _names(document, "hosts"))
    return Names(group=group, entry=entry, host=host, notes=tuple(notes))


def _free(name: str, taken: Collection[str]) -> str:
    return next(each for each in chain([name], (f"{name}-{number}" for number in count(2))) if each not in taken)


def _names(document: Any, *sections: str) -> set[str]:
    found = [document.get(section) for section in sections] if isinstance(document, dict) else []
    return {str(name) for section in found if isinstance(section, dict) for name in section}


def _objects(document: Any) -> list[dict[str, Any]]:
    listed = document.get("objects") if isinstance(document, dict) else None
    return [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []


def _bodies(document: Any) -> list[Mapping[str, Any]]:
    """The names of everything in a group. A bare URL is in the same group as an entry without groups."""
    sections = [document.get(section) for section in NAMED_SECTIONS] if isinstance(document, dict) else []
    entries = [entry for section in sections if isinstance(section, dict) for entry in section.values()]
    return [*(entry if isinstance(entry, dict) else {} for entry in entries), *_objects(document)]


def _names_of_objects(document: Any) -> set[str]:
    """Those of the sources and Kustomizations that are in the catalog verbatim."""
    found = set()
    for body in (each.get("object") for each in _objects(document)):
        metadata = body.get("metadata") if isinstance(body, dict) and body.get("kind") in KINDS else None
        found |= {str(metadata.get("name"))} if isinstance(metadata, dict) else set()
    return found
