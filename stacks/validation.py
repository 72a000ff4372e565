"""Models' errors as problems with their place in the files."""

import difflib
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from stacks.problems import Problem
from stacks.yaml_file import KeyPath

Locate = Callable[[KeyPath], str]
"""Key path in the validated value → where a person finds it, as `file:line key.path`."""

ModelT = TypeVar("ModelT", bound=BaseModel)

_UNION_TAGS = frozenset({"ssh", "basic", "[key]"})


def validate(model: type[ModelT], value: Any, locate: Locate, problems: list[Problem]) -> ModelT | None:
    """Return `value` as `model`, or None after adding a problem for each fault. Values are never repeated: one could be a secret."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        # include_input=False: pydantic would otherwise carry the rejected value along, even that of a misspelt key.
        for fault in error.errors(include_input=False, include_url=False, include_context=True):
            path = tuple(part for part in fault["loc"] if part not in _UNION_TAGS)
            problems.append(Problem(locate(path), _sentence(model, path, dict(fault))))
        return None


def _sentence(model: type[BaseModel], path: KeyPath, fault: dict[str, Any]) -> str:
    kind, context = fault["type"], fault.get("ctx", {})
    if kind == "extra_forbidden":
        known = _keys_at(model, path[:-1])
        return f"there is no such key, so it would have had no effect{nearest(str(path[-1]), known)}"
    if kind == "missing":
        return "is required and missing; docs/reference.md tells what it means"
    if kind == "string_type":
        return 'must be text; quote it ("2.10"), because YAML reads unquoted numbers and dates as something else'
    if kind == "string_pattern_mismatch":
        return f"does not have the form {context.get('pattern')}"
    if kind == "literal_error":
        return f"must be {context.get('expected')}"
    if kind == "value_error":
        return str(context.get("error", fault["msg"]))
    message: str = fault["msg"]
    return message[0].lower() + message[1:]


def _keys_at(model: type[BaseModel], path: KeyPath) -> list[str]:
    current: Any = model
    for part in path:
        fields = getattr(current, "model_fields", {})
        found = next((field for name, field in fields.items() if (field.alias or name) == part), None)
        if found is None:
            continue
        candidates = [found.annotation, *getattr(found.annotation, "__args__", ())]
        current = next((item for item in candidates if isinstance(item, type) and issubclass(item, BaseModel)), None)
    return [field.alias or name for name, field in getattr(current, "model_fields", {}).items()]


def nearest(name: str, known: Iterable[str]) -> str:
    """`; did you mean 'x' or 'y'?`, or all that there are when none is near."""
    names = sorted(known)
    if not names:
        return ""
    close = difflib.get_close_matches(name, names, n=3, cutoff=0.6)
    if close:
        return f"; did you mean {' or '.join(repr(item) for item in close)}?"
    return f"; there are: {', '.join(names)}"
