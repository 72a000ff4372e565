"""A message names the place where a value was written, and both places when it came from a default or an override."""

import pytest

from stacks.choosing.provenance import Layer, Origin
from stacks.reading.validation import Locate
from stacks.words.place import KeyPath, dotted


def place(text: str) -> Locate:
    return lambda path: f"{text} {dotted(path)}".strip()


ORIGIN = Origin(
    entry=place("catalog"),
    over=(Layer(spec={"interval": "5m", "ref": {"tag": "v1"}}, locate=place("override")),),
    spec={"timeout": "1m", "interval": "1m", "ignore": "/*"},
    under=(Layer(spec={"interval": "15m", "suspend": False, "ref": {"branch": "main"}}, locate=place("defaults")),),
    written_elsewhere={"url": "catalog from"},
)


@pytest.mark.parametrize(
    ("path", "where"),
    [
        (("spec", "timeout"), "catalog spec.timeout"),
        (("spec", "interval"), "catalog spec.interval (given by override interval)"),
        (("spec", "suspend"), "catalog spec.suspend (given by defaults suspend)"),
        (("spec", "ref", "branch"), "catalog spec.ref.branch (given by defaults ref.branch)"),
        (("spec", "ref", "tag"), "catalog spec.ref.tag (given by override ref.tag)"),
        (("spec", "url"), "catalog from"),
        (("spec", "missing", "field"), "catalog spec.missing.field"),
        (("metadata", "annotations", "a/b"), "catalog annotations.a/b"),
        (("metadata", "name"), "catalog"),
        ((), "catalog"),
    ],
    ids=lambda value: dotted(value) if isinstance(value, tuple) else "",
)
def test_a_value_is_found_where_it_was_written(path: KeyPath, where: str) -> None:
    assert ORIGIN.of(path) == where


def test_a_verbatim_objects_parts_lie_under_its_entrys_object() -> None:
    origin = Origin(entry=place("objects[0]"), spec_key=("object", "spec"), metadata_key=("object", "metadata"), spec={"interval": "1m"})

    assert origin.of(("spec", "interval")) == "objects[0] object.spec.interval"
    assert origin.of(("metadata", "labels", "x")) == "objects[0] object.metadata.labels.x"
