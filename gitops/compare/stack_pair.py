"""One stack before and after, as the questions about it want it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flux.bodies import MANAGED_BY_LABELS
from flux.key_path import KeyPath
from flux.kinds import VERSION_LABEL
from gitops.compare.field_changes import MISSING, FieldChange, differences
from gitops.compare.hidden_values import masked_differences
from gitops.compare.places import told, told_by
from gitops.compare.removed_fields import what_removed
from gitops.compare.sentence import NOWHERE, Sentence, joined
from gitops.rendered.stack_files import StackFiles
from gitops.rendered.stack_view import ObjectId, StackView
from stacks.words.place import Place

Body = Mapping[str, Any]
NOISE: tuple[KeyPath, ...] = (("metadata", "labels", VERSION_LABEL), ("spec", "template", "metadata", "labels", VERSION_LABEL))
"""Labels that change with each release of Flux, and say nothing more. Elsewhere, as in a selector, such a label decides something."""


@dataclass(frozen=True, kw_only=True)
class Pair:
    """A stack that both revisions can build."""

    before: StackView
    after: StackView

    @cached_property
    def own(self) -> list[tuple[ObjectId, Body | None, Body | None]]:
        """What the stack's files make, before and after."""
        return [each for each in self._every() if _is_own(each[1] or each[2] or {})]

    @cached_property
    def installed(self) -> list[tuple[ObjectId, Body | None, Body | None]]:
        """What Flux's release makes."""
        return [each for each in self._every() if not _is_own(each[1] or each[2] or {})]

    def _every(self) -> Iterator[tuple[ObjectId, Body | None, Body | None]]:
        for which in sorted({*self.before.objects, *self.after.objects}):
            yield which, self.before.objects.get(which), self.after.objects.get(which)

    def source_of(self, which: ObjectId, fields: tuple[FieldChange, ...]) -> Sentence:
        """Where what changes is written: after, or in the base if it is gone there, or in what removes it."""
        if which not in self.after.objects:
            return _told([self.before.place(which, ("metadata", "name"))], of_the_base=True)
        if which not in self.before.objects:
            return _told([self.after.place(which, ("metadata", "name"))])
        now = [self._place(which, field) for field in fields if field.after is not MISSING]
        lost = {field.key: what_removed(self.before, self.after, which, field.key) for field in fields if field.after is MISSING}
        removed, gone = lost.values(), (self.before.place(which, key) for key, by in lost.items() if by is None)
        return _together(_told(now), *map(told_by, filter(None, removed)), _told(gone, of_the_base=True))

    def _place(self, which: ObjectId, field: FieldChange) -> Place | None:
        """Of a URL whose end changes, the entry and not its host."""
        found = self.after.place(which, field.key)
        is_path = found and found.layer == "host" and str(field.before).rpartition("/")[2] != str(field.after).rpartition("/")[2]
        return self.after.place(which, ("metadata", "name")) if is_path else found

    def source_of_field(self, which: ObjectId, field: str) -> Sentence:
        """The same of one field of a spec."""
        fields = fields_of(self.before.objects.get(which), self.after.objects.get(which))
        return self.source_of(which, tuple(each for each in fields if each.key[:2] == ("spec", field)))

    @property
    def files(self) -> tuple[StackFiles, StackFiles]:
        """What the files say besides; nothing unless both sides were read."""
        if not (self.before.files.is_read and self.after.files.is_read):
            return StackFiles(), StackFiles()
        return self.before.files, self.after.files

    def is_known(self, key: str) -> bool:
        """Whether the programs of both sides say what stands under a key: an older one knows fewer."""
        return key in self.before.facts and key in self.after.facts

    def fact(self, *path: str | int) -> tuple[Any, Any]:
        """A value of the stack file, before and after."""
        return _at(self.before.facts, path), _at(self.after.facts, path)

    def source_of_fact(self, *path: str) -> Sentence:
        """Where it is written now, or in the base if it is gone."""
        return self.source_of_facts(path)

    def source_of_facts(self, *paths: KeyPath) -> Sentence:
        """The same of several."""
        gone = [path for path in paths if _is_written(self.fact(*path)[0]) and not _is_written(self.fact(*path)[1])]
        now = _told(self.after.place_of_fact(path) for path in paths if path not in gone)
        return _together(now, _told((self.before.place_of_fact(path) for path in gone), of_the_base=True))

    def source_of_variable(self, name: str, *, gone: bool = False) -> Sentence:
        """Where a variable is written."""
        return _told([(self.before if gone else self.after).place_of_fact(("variables", name))], of_the_base=gone)


def at_place(place: Place) -> Sentence:
    """`Pulumi.yaml:5`."""
    return told([place])


def _told(places: Iterable[Place | None], *, of_the_base: bool = False) -> Sentence:
    known = [place for place in places if place is not None]
    return told(known, of_the_base=of_the_base) if known else NOWHERE


def _together(*sources: Sentence) -> Sentence:
    """Each place once: a line that lost one thing and has another is the same line."""
    seen: dict[tuple[str, ...], Sentence] = {}
    for each in sources:
        if each != NOWHERE:
            seen.setdefault(each.values, each)
    return joined(seen.values(), "; ")


def _is_written(value: Any) -> bool:
    return value is not None and value not in ([], {})


def fields_of(before: Body | None, after: Body | None) -> tuple[FieldChange, ...]:
    """In which fields two bodies differ, without those that say nothing."""
    return tuple(each for each in differences(before or {}, after or {}) if each.key not in NOISE)


def shown_fields_of(before: Body | None, after: Body | None) -> tuple[FieldChange, ...]:
    """The same without what is secret, as a patch or a variable may be although it stands in Git in plain text."""
    return tuple(each for each in masked_differences(before or {}, after or {}) if each.key not in NOISE)


def spec_at(body: Body | None, *path: str) -> Any:
    """A value in a spec; None where there is none."""
    return _at(body or {}, ("spec", *path))


def _at(value: Any, path: KeyPath) -> Any:
    for part in path:
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _is_own(body: Body) -> bool:
    labels = body.get("metadata", {}).get("labels", {})
    return isinstance(labels, Mapping) and all(labels.get(key) == value for key, value in MANAGED_BY_LABELS.items())
