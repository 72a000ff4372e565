"""Documents as models; models' errors as problems with their places."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from stacks.contract.text_kinds import WRONG_TEXT
from stacks.reading.document import Document, has
from stacks.reading.model_errors import ModelError, is_of_the_object, keys_meant, message_of
from stacks.reading.model_walk import model_at
from stacks.reading.set_aside import SetAside
from stacks.words.place import KeyPath, Place
from stacks.words.problems import Problem

ModelT = TypeVar("ModelT", bound=BaseModel)

_TOO_LITTLE = ("missing", "too_short")
"""Faults that come of leaving something out."""


@dataclass(frozen=True)
class Validated(Generic[ModelT]):
    """A document that is as its model says."""

    model: ModelT
    document: Document
    """What the model was made of: without what was set aside."""
    aside: SetAside = field(default_factory=SetAside)
    """What is not known of the file."""

    def place(self, *path: str | int) -> Place:
        """The place of the value at `path`."""
        return self.document.places.of(path)


def validate(
    model: type[ModelT],
    document: Document,
    problems: list[Problem],
    *,
    aside: SetAside | None = None,
    stand_ins: Mapping[KeyPath, Any] | None = None,
) -> Validated[ModelT] | None:
    """Return `document` as `model`, after adding a problem for each fault; None when too much is wrong to go on.

    Unknown keys are left out, and with `aside` also what is faulty in another way, so that later problems are reported
    in the same run: the model is what the rest says. What a model cannot be without is then taken from `stand_ins`. Values are never
    repeated: one could be a secret.
    """
    stand_ins = stand_ins or {}
    rest = document.without([path for path, _ in aside.parts], stand_ins) if aside else document
    misspelt: set[KeyPath] = set()
    while True:
        try:
            return Validated(model.model_validate(rest.value), rest, aside or SetAside())
        except ValidationError as error:
            # include_input=False: pydantic would otherwise carry the rejected value along, even that of a misspelt key.
            faults = error.errors(include_input=False, include_url=False, include_context=True)
        gone: list[KeyPath] = []
        goes_on = True
        errors = [(fault["type"], _error(model, rest.value, fault)) for fault in faults]
        meant = {(*each.path[:-1], key) for kind, each in errors if kind == "extra_forbidden" for key in keys_meant(each)}
        for kind, each in errors:
            path = each.path
            # Which keys go together is judged again without an unknown one, which may be the one that is then missing.
            follows = (kind == WRONG_TEXT and path in misspelt) or (kind == "missing" and path in meant)
            follows |= kind == "extra_forbidden" and is_of_the_object(each) and path[:-1] in misspelt
            if not follows and not (aside and kind in _TOO_LITTLE and aside.touches(*path)):
                problems.append(Problem(rest.places.of(path), message_of(kind, each)))
            if kind == "extra_forbidden":
                gone.append(path)
                misspelt.add(path[:-1])
                continue
            faulty = path[:-1] if kind == "missing" and path not in stand_ins else path
            goes_on &= aside is not None and faulty != ()
            if aside is not None and faulty:
                gone.append(aside.put(faulty, rest.value))
        before, rest = rest, rest.without(gone, stand_ins)
        if not goes_on or rest.value == before.value:
            return None


def _error(model: type[BaseModel], value: Any, fault: ErrorDetails) -> ModelError:
    path, found = _place(value, fault["loc"], absent=fault["type"] == "missing")
    context = fault.get("ctx", {})
    path = (*path, *context.get("below", ()))
    return ModelError(path=path, context=context, found=found, holder=model_at(model, value, path[:-1])[0])


def _place(value: Any, loc: KeyPath, *, absent: bool) -> tuple[KeyPath, Any]:
    """Where in `value` a fault is, without what pydantic adds for members of a union and for keys; and what is there."""
    path: list[Any] = []
    current = value
    tagged: Any = None
    for index, named in enumerate(loc):
        # The name of a union's member stands after the object whose `type` it is, once, whether or not the object has a key of that name.
        if isinstance(current, dict) and current is not tagged and current.get("type") == named and index < len(loc) - 1:
            tagged = current
            continue
        # pydantic has a name for the key null
        part: Any = None if named == "None" and isinstance(current, dict) and None in current else named
        if has(current, part):
            current = current[part]
        elif part == "[key]":
            return tuple(path), path[-1]
        elif absent and index == len(loc) - 1:
            current = None
        else:
            continue
        path.append(part)
    return tuple(path), current
