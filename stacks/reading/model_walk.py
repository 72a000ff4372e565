"""Finding one's way in models: which model is at a key path, and what each of its keys is."""

import types
from collections.abc import Iterator
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from stacks.words.place import KeyPath

Model = type[BaseModel]


def key_of(name: str, field: FieldInfo) -> str:
    """How a field is written in YAML."""
    return field.alias or name


def keys_of(model: Model | None) -> dict[str, FieldInfo]:
    """Key → field."""
    return {key_of(name, field): field for name, field in model.model_fields.items()} if model else {}


def model_at(model: Model, value: Any, path: KeyPath) -> tuple[Model | None, Any]:
    """The model that `value`, read as `model`, has at `path`, and the value there; no model if any value is allowed."""
    annotation: Any = model
    current = value
    for part in path:
        annotation = inside(annotation, current, part)
        current = _item(current, part)
    return _chosen(annotation, current), current


def inside(annotation: Any, value: Any, part: str | int) -> Any:
    """The type at `part` of a value of a type; None if it is unknown."""
    here = _chosen(annotation, value)
    if here is None:
        return _item_of(annotation)
    field = keys_of(here).get(str(part))
    return field.annotation if field else None


def takes_text(annotation: Any) -> bool:
    """Whether a value of this type may be text."""
    if get_origin(annotation) is Annotated:
        return takes_text(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        return any(takes_text(member) for member in get_args(annotation))
    return annotation is str or (get_origin(annotation) is Literal and isinstance(get_args(annotation)[0], str))


def _item(value: Any, part: str | int) -> Any:
    if isinstance(value, dict):
        return value.get(part)
    if isinstance(value, list) and isinstance(part, int) and part < len(value):
        return value[part]
    return None


def models_in(annotation: Any) -> Iterator[Model]:
    """The models that `annotation` allows as they are; neither those in lists nor those in objects."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    elif get_origin(annotation) is Annotated:
        yield from models_in(get_args(annotation)[0])
    elif get_origin(annotation) in (Union, types.UnionType):
        for member in get_args(annotation):
            yield from models_in(member)


def _chosen(annotation: Any, value: Any) -> Model | None:
    """Of several models the one whose `type` is the value's; of none that fits, none."""
    models = list(models_in(annotation))
    if len(models) < 2:
        return models[0] if models else None
    named = value.get("type") if isinstance(value, dict) else None
    return next((each for each in models if named in get_args(each.model_fields["type"].annotation)), None)


def _item_of(annotation: Any) -> Any:
    """What a list or an object of a type holds."""
    if get_origin(annotation) is Annotated:
        return _item_of(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        return next((found for member in get_args(annotation) if (found := _item_of(member)) is not None), None)
    if get_origin(annotation) in (dict, list):
        return get_args(annotation)[-1]
    return None
