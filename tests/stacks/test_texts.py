"""Every kind of text in the files has messages of the form that all messages have."""

from collections.abc import Iterator
from typing import Any, get_args

import pytest

import stacks.settings  # noqa: F401 (loads every model of the program)
from stacks.contract.base import Strict
from stacks.contract.text_kinds import TextKind
from stacks.reading.model_walk import Model
from tests.messages import assert_well_formed


def every_model(model: Model = Strict) -> Iterator[Model]:
    for each in model.__subclasses__():
        yield each
        yield from every_model(each)


def kinds_in(annotation: Any) -> Iterator[TextKind]:
    yield from (each for each in getattr(annotation, "__metadata__", ()) if isinstance(each, TextKind))
    for inner in get_args(annotation):
        yield from kinds_in(inner)


KINDS = {
    f"{kind.name} {kind.pattern[:20]}": kind
    for model in every_model()
    for field in model.model_fields.values()
    for kind in [*kinds_in(field.annotation), *(each for each in field.metadata if isinstance(each, TextKind))]
}


@pytest.mark.parametrize("name", sorted(KINDS))
def test_what_a_kind_of_text_tells_is_well_formed(name: str) -> None:
    kind = KINDS[name]

    for message in (kind.message, *(message for _, message in kind.mistakes)):
        assert_well_formed(message)


def test_every_kind_is_found() -> None:
    assert {"Kubernetes name", "URL", "PEM certificates", "`host[:port]`", "name of a key", "text"} < {kind.name for kind in KINDS.values()}
