"""Models' errors as problems with their place in the files."""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from stacks.model_walk import model_at
from stacks.problems import Problem
from stacks.sentences import sentence
from stacks.yaml_file import KeyPath

Locate = Callable[[KeyPath], str]
"""Key path in the validated value → where a person finds it, as `file:line key.path`."""

ModelT = TypeVar("ModelT", bound=BaseModel)


def validate(model: type[ModelT], value: Any, locate: Locate, problems: list[Problem]) -> ModelT | None:
    """Return `value` as `model`, after adding a problem for each fault; None when too much is wrong to go on.

    Where keys are unknown and nothing else is wrong, the model is what the rest says, so that what is wrong further on is told in
    the same run. Values are never repeated: one could be a secret.
    """
    try:
        return model.model_validate(value)
    except ValidationError as error:
        # include_input=False: pydantic would otherwise carry the rejected value along, even that of a misspelt key.
        faults = error.errors(include_input=False, include_url=False, include_context=True)
    unknown: list[KeyPath] = []
    for fault in faults:
        path, found = _place(value, fault["loc"], absent=fault["type"] == "missing")
        holder, chosen = model_at(model, value, path[:-1])
        text = sentence(fault["type"], path, fault.get("ctx", {}), found=found, holder=holder, holder_value=chosen)
        problems.append(Problem(locate(path), text))
        if fault["type"] == "extra_forbidden":
            unknown.append(path)
    if len(unknown) < len(faults):
        return None
    return validate(model, _without(value, unknown), locate, problems)


def _without(value: Any, paths: Iterable[KeyPath]) -> Any:
    """A copy of `value` in which nothing stands at `paths`."""
    here = {path[0] for path in paths if len(path) == 1}
    below = {key: [path[1:] for path in paths if len(path) > 1 and path[0] == key] for key in {path[0] for path in paths}}
    if isinstance(value, dict):
        return {key: _without(item, below[key]) if key in below else item for key, item in value.items() if key not in here}
    if isinstance(value, list):
        return [_without(item, below[index]) if index in below else item for index, item in enumerate(value)]
    return value


def _place(value: Any, loc: KeyPath, *, absent: bool) -> tuple[KeyPath, Any]:
    """Where in `value` a fault is, without what pydantic adds to tell the members of a union and keys from values; and what is there."""
    path: list[str | int] = []
    current = value
    for index, part in enumerate(loc):
        if _has(current, part):
            current = current[part]
        elif part == "[key]":
            return tuple(path), loc[index - 1]
        elif absent and index == len(loc) - 1:
            current = None
        else:
            continue
        path.append(part)
    return tuple(path), current


def _has(value: Any, part: str | int) -> bool:
    return part in value if isinstance(value, dict) else isinstance(value, list) and isinstance(part, int) and part < len(value)
