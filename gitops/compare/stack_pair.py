"""One stack before and after, as the questions about it want it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from flux.bodies import MANAGED_BY_LABELS
from flux.key_path import KeyPath
from gitops.compare.field_changes import FieldChange, differences
from gitops.compare.hidden_values import masked_differences
from gitops.compare.sentence import NOWHERE, Sentence, joined, say
from gitops.rendered.stack_files import StackFiles
from gitops.rendered.stack_view import ObjectId, StackView
from stacks.words.place import Layer, Place

Body = Mapping[str, Any]
_GIVEN_BY: dict[Layer, str] = {
    "catalog": "the catalog",
    "default": "a default",
    "host": "a host",
    "override": "an override",
    "stack": "the stack file",
    "record": "the record of gitops check",
    "outside": "the environment",
}
_VERSION = "app.kubernetes.io/version"
NOISE = (f"metadata.labels.{_VERSION}", f"spec.template.metadata.labels.{_VERSION}")
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
        """Who gives what changes, and where: after, or before if it is gone."""
        found = dict.fromkeys(
            told(place)
            for field in fields
            if (place := self.after.place(which, field.key) or self.before.place(which, field.key)) is not None
        )
        return joined(list(found)[:3], ", ")

    def source_of_field(self, which: ObjectId, field: str) -> Sentence:
        """The same of one field of a spec."""
        fields = fields_of(self.before.objects.get(which), self.after.objects.get(which))
        return self.source_of(which, tuple(each for each in fields if f"{each.path}.".startswith((f"spec.{field}.", f"spec.{field}["))))

    @property
    def files(self) -> tuple[StackFiles, StackFiles]:
        """What the files say besides; nothing unless both sides were read."""
        if not (self.before.files.is_read and self.after.files.is_read):
            return StackFiles(), StackFiles()
        return self.before.files, self.after.files

    def fact(self, *path: str) -> tuple[Any, Any]:
        """A value of the stack file, before and after; None unless the programs of both sides have it."""
        if not self.before.facts.keys() & self.after.facts.keys() & {path[0]}:
            return None, None
        return _at(self.before.facts, path), _at(self.after.facts, path)

    def source_of_fact(self, *path: str) -> Sentence:
        """Where it stands now."""
        place = self.after.place_of_fact(path)
        return told(place) if place else NOWHERE


def at_place(place: Place) -> Sentence:
    """`Pulumi.yaml:5`."""
    return say("{}", f"{place.file}{f':{place.line}' if place.line else ''}")


@lru_cache(maxsize=1024)  # a default is the source of a change in every object
def told(place: Place) -> Sentence:
    """`an override (Pulumi.dev.yaml:78)`."""
    return say(f"{_GIVEN_BY[place.layer]} ({{}})", f"{place.file}{f':{place.line}' if place.line else ''}")


def fields_of(before: Body | None, after: Body | None) -> tuple[FieldChange, ...]:
    """In which fields two bodies differ, without those that say nothing."""
    return tuple(each for each in differences(before or {}, after or {}) if each.path not in NOISE)


def shown_fields_of(before: Body | None, after: Body | None) -> tuple[FieldChange, ...]:
    """The same without what is secret, as a patch or a variable may be although it stands in Git in plain text."""
    return tuple(each for each in masked_differences(before or {}, after or {}) if each.path not in NOISE)


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
