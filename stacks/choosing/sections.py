"""The catalog's sections: the one table of what there is, in the order in which messages and outputs list what they make."""

from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass
from typing import Generic, Protocol

from stacks.choosing.catalog_entry import EntriesOf, Entry, EntryT, entries
from stacks.choosing.choice import Choice
from stacks.choosing.kustomizations import plan_kustomization
from stacks.choosing.other_objects import plan_object
from stacks.choosing.planned_body import PlannedBody
from stacks.choosing.source_secrets import check_credentials
from stacks.choosing.sources import plan_source
from stacks.contract.catalog import Catalog, GitEntry, HelmEntry, KustomizationEntry, ObjectEntry, OciEntry
from stacks.contract.section_names import EntryKind, SectionName
from stacks.words.problems import Problem


@dataclass(frozen=True, kw_only=True)
class Section(Generic[EntryT]):
    """One section of the catalog."""

    name: SectionName
    """Its key in the catalog."""
    kinds: tuple[EntryKind, ...]
    """What its entries can become; none where an entry says so itself."""
    declared: Callable[[Catalog], EntriesOf[EntryT]]
    """Its entries in the catalog."""
    plan: Callable[[Choice, Entry[EntryT]], PlannedBody | None]
    """An entry as the body that will be applied; None when something that it needs is not known."""

    def names(self, catalog: Catalog) -> list[str]:
        """The names of its entries; none where they have none."""
        declared = self.declared(catalog)
        return list(declared) if isinstance(declared, Mapping) else []

    def groups(self, catalog: Catalog) -> Iterator[tuple[str, list[str]]]:
        """The groups of each entry, with its name; empty where it has none."""
        declared = self.declared(catalog)
        for name, model in declared.items() if isinstance(declared, Mapping) else (("", model) for model in declared):
            yield name, model.groups

    def planned(self, choice: Choice, used: Set[str], problems: list[Problem]) -> Iterator[tuple[str, PlannedBody | None]]:
        """Name and body of each entry in one of the groups `used`, and of each that cannot be known; None where there is no body.

        `problems` gets what is wrong with any entry, chosen or not.
        """
        for name, entry in entries(self.declared(choice.catalog.model), self.name, choice.catalog, choice.stack, problems):
            if entry is None:
                yield name, None
            elif used & set(entry.model.groups):
                check_credentials(choice, entry)
                yield name, self.plan(choice, entry)


class AnySection(Protocol):
    """A section with entries of any type: what `Section` says of each."""

    @property
    def name(self) -> SectionName:
        """Its key in the catalog."""

    @property
    def kinds(self) -> tuple[EntryKind, ...]:
        """What its entries can become."""

    def names(self, catalog: Catalog) -> list[str]:
        """The names of its entries."""

    def groups(self, catalog: Catalog) -> Iterator[tuple[str, list[str]]]:
        """The groups of each entry, with its name."""

    def planned(self, choice: Choice, used: Set[str], problems: list[Problem]) -> Iterator[tuple[str, PlannedBody | None]]:
        """Name and body of each entry."""


_TABLE: tuple[AnySection, ...] = (
    Section[GitEntry](name="git", kinds=("GitRepository",), declared=lambda catalog: catalog.git, plan=plan_source),
    Section[HelmEntry](name="helm", kinds=("HelmRepository", "OCIRepository"), declared=lambda catalog: catalog.helm, plan=plan_source),
    Section[OciEntry](name="oci", kinds=("OCIRepository",), declared=lambda catalog: catalog.oci, plan=plan_source),
    Section[KustomizationEntry](
        name="kustomizations", kinds=("Kustomization",), declared=lambda catalog: catalog.kustomizations, plan=plan_kustomization
    ),
    Section[ObjectEntry](name="objects", kinds=(), declared=lambda catalog: catalog.objects, plan=plan_object),
)
SECTIONS: dict[SectionName, AnySection] = {section.name: section for section in _TABLE}
