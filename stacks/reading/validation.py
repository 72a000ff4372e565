"""Models' errors as problems with their place in the files."""

from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from stacks.reading.model_errors import ModelError, message_of
from stacks.reading.model_walk import model_at
from stacks.reading.set_aside import SetAside, has
from stacks.words.place import KeyPath
from stacks.words.problems import Problem

Locate = Callable[[KeyPath], str]
"""Key path in the validated value → where a person finds it, as `file:line key.path`."""

ModelT = TypeVar("ModelT", bound=BaseModel)

_TOO_LITTLE = ("missing", "too_short")
"""Faults that come of leaving something out."""


def validate(
    model: type[ModelT],
    value: Any,
    locate: Locate,
    problems: list[Problem],
    *,
    aside: SetAside | None = None,
    stand_ins: Mapping[KeyPath, Any] | None = None,
) -> ModelT | None:
    """Return `value` as `model`, after adding a problem for each fault; None when too much is wrong to go on.

    Unknown keys are left out, and with `aside` also what is faulty in another way, so that what is wrong further on is told in the
    same run: the model is what the rest says. What a model cannot be without is then taken from `stand_ins`. Values are never
    repeated: one could be a secret.
    """
    unknown: set[KeyPath] = set()
    while True:
        left_out = {*unknown, *(aside.values if aside else ())}
        rest = _without(value, left_out, {path: each for path, each in (stand_ins or {}).items() if path in left_out})
        try:
            return model.model_validate(rest)
        except ValidationError as error:
            # include_input=False: pydantic would otherwise carry the rejected value along, even that of a misspelt key.
            faults = error.errors(include_input=False, include_url=False, include_context=True)
        faulty: set[KeyPath] = set()
        for fault in faults:
            kind, context = fault["type"], fault.get("ctx", {})
            path, found = _place(rest, fault["loc"], absent=kind == "missing")
            written = aside.written(path) if aside else path
            if not (aside and kind in _TOO_LITTLE and aside.touches(*written)):
                holder, _ = model_at(model, rest, path[:-1])
                text = message_of(kind, ModelError(path=path, context=context, found=found, holder=holder))
                problems.append(Problem(locate(written), text))
            if kind == "extra_forbidden":
                unknown.add(written)
            else:
                faulty.add(written[:-1] if kind == "missing" and written not in (stand_ins or {}) else written)
        if faulty and (aside is None or () in faulty):
            return None
        for path in faulty:
            if aside is not None:
                aside.put(path, value)
        if left_out == {*unknown, *(aside.values if aside else ())}:
            return None


def _without(value: Any, paths: Collection[KeyPath], stand_ins: Mapping[KeyPath, Any]) -> Any:
    """A copy of `value` in which nothing stands at `paths`, or what `stand_ins` say."""
    if not paths:
        return value
    here = {path[0] for path in paths if len(path) == 1}
    below = {key: [path[1:] for path in paths if len(path) > 1 and path[0] == key] for key in {path[0] for path in paths} - here}

    def rest(key: str | int, item: Any) -> Any:
        return _without(item, below.get(key, ()), {path[1:]: each for path, each in stand_ins.items() if path[:1] == (key,) and path[1:]})

    if isinstance(value, dict):
        kept = {key: rest(key, item) for key, item in value.items() if key not in here}
        return {**kept, **{path[0]: each for path, each in stand_ins.items() if len(path) == 1}}
    if isinstance(value, list):
        return [rest(index, item) for index, item in enumerate(value) if index not in here]
    return value


def _place(value: Any, loc: KeyPath, *, absent: bool) -> tuple[KeyPath, Any]:
    """Where in `value` a fault is, without what pydantic adds to tell the members of a union and keys from values; and what is there."""
    path: list[Any] = []
    current = value
    for index, named in enumerate(loc):
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
