"""A catalog and a stack that chooses from it, while the choice is being made."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flux.message import Message
from flux.owners_mark import DELETED_AT_ONCE, OwnersMark, reserved_in
from flux.rules.shards import not_a_shard
from flux.sharding import SHARD_LABEL
from stacks.choosing.catalog_entry import WrittenEntry
from stacks.choosing.chosen import Chosen
from stacks.contract.catalog import Catalog
from stacks.contract.stack import Host, Stack
from stacks.reading.document import Document, Places
from stacks.reading.merging import merged
from stacks.reading.validation import Validated
from stacks.words.place import Place
from stacks.words.problems import Problem


def mark_is_reserved(key: str) -> Message:
    """The refusal of a label or annotation by which the program knows its own objects."""
    return Message(
        f"sets {key}, the owner's mark, which only the program itself sets",
        "The stack could not tell its own objects from somebody else's.",
        "Remove it.",
    )


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What is chosen from, what was chosen until now, and what cannot be resolved."""

    catalog: Validated[Catalog]
    stack: Validated[Stack]
    problems: list[Problem]
    hosts: Mapping[str, Validated[Host]]
    chosen: Chosen
    mark: OwnersMark

    @cached_property
    def _defaults(self) -> dict[str, Document]:
        return {kind: self.catalog.document.at("defaults", kind) for kind in self.catalog.model.defaults}

    def is_set_aside(self, *path: str | int) -> bool:
        """Whether the value at `path` of the catalog, or what the stack changes of it, is not known."""
        return self.catalog.aside.holds(*path) or self.stack.aside.holds(*path)

    def metadata(
        self, entry: WrittenEntry, labels: Mapping[str, str], annotations: Mapping[str, str], shard: str | None = None
    ) -> dict[str, dict[str, str]]:
        """The labels and annotations of an object: what is written of them, its shard, the owner's mark, and how it is deleted."""
        for part, key in reserved_in({"labels": labels, "annotations": annotations}) if labels or annotations else ():
            self.problems.append(Problem(entry.metadata.of((part,)), mark_is_reserved(key)))
        if shard is not None and self._may_be_in(entry, shard, labels):
            labels = {**labels, SHARD_LABEL: shard}
        return {"labels": {**labels, **self.mark.labels}, "annotations": {**DELETED_AT_ONCE, **annotations, **self.mark.annotations}}

    def _may_be_in(self, entry: WrittenEntry, shard: str, labels: Mapping[str, str]) -> bool:
        """Whether the object can be in its shard; why not becomes a problem."""
        if labels.get(SHARD_LABEL, shard) != shard:
            text = Message(f"differs from the label {SHARD_LABEL}", "Two shards would claim the object.", "Remove the label.")
        elif shard not in self.stack.model.flux.shards and not self.stack.aside.touches("flux", "shards"):
            text = not_a_shard(shard, self.stack.model.flux.shards)
        else:
            return True
        self.problems.append(Problem(entry.place("shard"), text))
        return False

    def spec(self, kind: str, entry: WrittenEntry, **built_in: tuple[Any, Place]) -> Document:
        """The spec of an object: what is built in, under the defaults of its kind, under its own, under the override's."""
        value = {field: given for field, (given, _) in built_in.items()}
        places: dict[str | int, Places] = {field: Places(place, entire=True) for field, (_, place) in built_in.items()}
        here = entry.specs[0].places.here if entry.specs else entry.place("spec")
        layers = [Document(value, Places(here, places)), self._defaults.get(kind), *entry.specs]
        whole = merged(*(layer for layer in layers if layer))
        # What is wrong with all of a spec is mended in the entry, whatever an override changes of it.
        return Document(whole.value, Places(here, whole.places.below))
