"""An entry of the catalog as one stack has it: with the stack's override."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from flux.sharding import SHARD_LABEL
from stacks.contract.catalog import Catalog, CatalogEntry, ObjectEntry, SourceEntry
from stacks.contract.section_names import SectionName
from stacks.contract.stack import Stack
from stacks.reading.document import Document, Places
from stacks.reading.merging import merged
from stacks.reading.validation import Validated, validate
from stacks.words.place import Place
from stacks.words.problems import Problem

EntryT = TypeVar("EntryT", bound=CatalogEntry)
EntryT_co = TypeVar("EntryT_co", bound=CatalogEntry | SourceEntry, covariant=True)


@dataclass(frozen=True, kw_only=True)
class WrittenEntry:
    """What is written of an entry of any section."""

    name: str
    """The name of its object."""
    document: Document
    """What is written of it, the override included."""
    specs: tuple[Document, ...]
    """What the entry and the override say of the spec, in turn."""
    override: Document | None = None
    """What the stack changes of it."""

    def place(self, *path: str | int) -> Place:
        """The place of the value at `path` of the entry."""
        return self.document.places.of(path)

    @property
    def metadata(self) -> Places:
        """The places of what becomes the object's metadata."""
        places = self.document.places
        if "metadata" in self.document.value:
            return places.at("metadata")
        parts: dict[str | int, Places] = {key: places.at(key) for key in ("labels", "annotations")}
        if places.has(("shard",)):
            labels = parts["labels"]
            shard = Places(places.of(("shard",)), entire=True)
            parts["labels"] = Places(labels.here, {**labels.below, SHARD_LABEL: shard}, lacks=labels.lacks, entire=labels.entire)
        return Places(places.here, parts, entire=True)


@dataclass(frozen=True, kw_only=True)
class Entry(WrittenEntry, Generic[EntryT_co]):
    """An entry of the catalog as the stack has it."""

    model: EntryT_co


EntriesOf = Mapping[str, EntryT] | Sequence[EntryT]
"""The entries of one section: by name, or without names."""


def entries(
    declared: EntriesOf[EntryT], section: SectionName, catalog: Validated[Catalog], stack: Validated[Stack], problems: list[Problem]
) -> Iterator[tuple[str, Entry[EntryT] | None]]:
    """The entries that the catalog has in a section by name; None for one that cannot be known, after adding to `problems` why.

    Each entry was validated as the catalog has it, because other stacks may take it so. One that this stack overrides is validated
    once more as it is merged: what is wrong then is the override's fault.
    """
    if not declared:
        return
    written = catalog.document.at(section)
    for key, model in declared.items() if isinstance(declared, Mapping) else enumerate(declared):
        if isinstance(model, ObjectEntry):
            name, document = model.object.metadata.name, written.at(key, "object")
            yield name, _of(name, model, document, document)
        else:
            yield str(key), _overridden(section, str(key), model, _written_out(written.at(key)), stack, problems)


def _overridden(
    section: SectionName, name: str, declared: EntryT, document: Document, stack: Validated[Stack], problems: list[Problem]
) -> Entry[EntryT] | None:
    target = f"{section}/{name}"
    if stack.aside.holds("override", target):
        return None
    if target not in stack.model.override:
        return _of(name, declared, document, document)
    override = stack.document.at("override", target)
    whole = merged(document, override)
    changed = validate(type(declared), Document(whole.value, override.places), problems)
    return None if changed is None else _of(name, changed.model, whole, document, override)


def _of(name: str, model: EntryT, whole: Document, *layers: Document) -> Entry[EntryT]:
    specs: tuple[Document, ...] = ()
    for layer in layers:
        if "spec" in layer.value:
            specs = () if layer.value["spec"] is None else (*specs, layer.at("spec"))
    override = layers[1] if len(layers) > 1 else None
    document = Document(whole.value, Places(layers[0].places.here, whole.places.below)) if override else whole
    return Entry(name=name, model=model, document=document, specs=specs, override=override)


def _written_out(document: Document) -> Document:
    """A bare URL is short for {url: …}."""
    if not isinstance(document.value, str):
        return document
    return Document({"url": document.value}, Places(document.places.here, {"url": document.places}))
