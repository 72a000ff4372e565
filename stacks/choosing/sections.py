"""The catalog's sections: the one table of what there is. A new section is an entry here, a field of the model, and a component."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from stacks.choosing.catalog_entry import Entry
from stacks.choosing.choice import Choice
from stacks.choosing.kustomizations import plan_kustomization
from stacks.choosing.other_objects import plan_object
from stacks.choosing.planned_body import PlannedBody
from stacks.choosing.sources import plan_source
from stacks.contract.section_names import EntryKind, SectionName


@dataclass(frozen=True, kw_only=True)
class Section:
    """One section of the catalog."""

    kinds: tuple[EntryKind, ...]
    """What its entries can become; none where an entry says so itself."""
    plan: Callable[[Choice, Entry[Any]], PlannedBody | None]
    """An entry as the body that will be applied; None when something that it needs is not known."""


SECTIONS: dict[SectionName, Section] = {
    "git": Section(kinds=("GitRepository",), plan=plan_source),
    "helm": Section(kinds=("HelmRepository", "OCIRepository"), plan=plan_source),
    "kustomizations": Section(kinds=("Kustomization",), plan=plan_kustomization),
    "objects": Section(kinds=(), plan=plan_object),
}
"""In the order in which messages and outputs list what they make."""
