"""No error that pydantic can find in a file is left without a message: neither by what the models are, nor by what is written."""

from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from pydantic import BaseModel, ValidationError

import stacks.settings  # noqa: F401 (loads every model of the program)
from stacks.contract.base import Strict
from stacks.contract.stack import Stack
from stacks.documents.reference import inner_models
from stacks.reading.model_errors import MESSAGES
from stacks.reading.model_walk import keys_of
from stacks.words.place import KeyPath
from tests.engine import REPOSITORY
from tests.stacks.test_model_errors import MARKER, RECIPIENT

RAISED_BY: dict[str, set[str]] = {
    "model": {"model_type"},
    "model-fields": {"missing", "extra_forbidden", "invalid_key", "string_unicode"},
    "str": {"string_type"},
    "list": {"list_type", "too_short"},
    "dict": {"dict_type"},
    "literal": {"literal_error", "string_unicode"},
    "bool": {"bool_type"},
    "int": {"int_type"},
    "tagged-union": {"union_tag_invalid", "union_tag_not_found", "model_attributes_type", "wrong_age_key"},
    "function-after": {"wrong_text"},
    "function-before": {"wrong_text", "wrong_flag"},
    # those add nothing of their own; the members of the one union are all that its validator lets pass
    "union": set(),
    "nullable": set(),
    "default": set(),
    "any": set(),
    "definitions": set(),
    "definition-ref": set(),
    "model-field": set(),
}
"""Node of pydantic's core schema → the errors it can raise here: strict, without bounds but a list's least length."""
UNBOUNDED = {"max_length", "gt", "ge", "lt", "le", "multiple_of"}
ENTRY_POINTS = ("Stack", "Catalog", "CheckRecord")
RECORD = {
    "keys": {"2026-11": RECIPIENT},
    "repositories": [
        {
            "source": "GitRepository/app",
            "url": "https://git.example.org/app",
            "commit": "main@sha1:5a07cab7",
            "files": {"a.yaml": [RECIPIENT], "b.yaml": {"threshold": 1, "groups": [[RECIPIENT], ["aws-kms"]]}},
            "asServiceAccount": ["b.yaml"],
        }
    ],
}
WRONG: list[Any] = [
    None,
    True,
    2**70,
    0.5,
    "",
    MARKER,
    "\udc80",
    [],
    [None],
    ["\udc80"],
    {},
    {1: 2},
    {None: 1},
    {"\udc80": 1},
    {"type": "ssh", "\udc80": 1},
    {"type": [1]},
]
"""What may stand anywhere. YAML cannot hold the surrogate, but an environment variable that is not UTF-8 becomes one."""


def every_model(model: type[BaseModel] = Strict) -> Iterator[type[BaseModel]]:
    for each in model.__subclasses__():
        yield each
        yield from every_model(each)


def entry_point(name: str) -> type[BaseModel]:
    return next(model for model in every_model() if model.__name__ == name)


def example(name: str) -> Any:
    """A document that has every key of the model."""
    if name == "CheckRecord":
        return RECORD
    file = REPOSITORY / "docs" / "examples" / ("catalog.yaml" if name == "Catalog" else "Pulumi.example.yaml")
    document = yaml.safe_load(file.read_text(encoding="utf-8"))
    keys = {f"gitops:{key}": key for key in keys_of(Stack)}
    return document if name == "Catalog" else {keys[key]: value for key, value in document["config"].items() if key in keys}


def places(value: Any, path: KeyPath = ()) -> Iterator[KeyPath]:
    yield path
    for part, item in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from places(item, (*path, part))


def put(document: Any, path: KeyPath, value: Any) -> Any:
    """`document` with `value` at `path`."""
    if not path:
        return value
    copied = document.copy()
    copied[path[0]] = put(document[path[0]], path[1:], value)
    return copied


def nodes(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        if isinstance(schema.get("type"), str):
            yield schema
        for key, inner in schema.items():
            if key not in ("metadata", "serialization", "config", "function"):
                yield from nodes(inner)
    elif isinstance(schema, list | tuple):
        for inner in schema:
            yield from nodes(inner)


@pytest.mark.parametrize("name", ENTRY_POINTS)
def test_every_error_that_a_model_can_raise_has_a_message(name: str) -> None:
    found = list(nodes(entry_point(name).__pydantic_core_schema__))
    kinds = {node["type"] for node in found}

    assert kinds <= set(RAISED_BY), "a new kind of field: say which errors it raises, and write their messages"
    assert not [node for node in found if UNBOUNDED & set(node)], "a new bound: write the message of its error"
    assert {error for kind in kinds for error in RAISED_BY[kind]} <= set(MESSAGES)


@pytest.mark.thorough
@pytest.mark.parametrize("name", ENTRY_POINTS)
def test_whatever_is_written_anywhere_is_taken_or_told_in_a_message_of_ours(name: str) -> None:
    model, document = entry_point(name), example(name)
    model.model_validate(document)
    raised: set[str] = set()
    for path in places(document):
        for value in WRONG:
            try:
                model.model_validate(put(document, path, value))
            except ValidationError as errors:
                raised |= {error["type"] for error in errors.errors(include_input=False)}

    assert raised - set(MESSAGES) == set()


def models_of(*names: str) -> set[type[BaseModel]]:
    """The models of entry points, and those that they hold."""
    seen: set[type[BaseModel]] = set()
    waiting = [entry_point(name) for name in names]
    while waiting:
        model = waiting.pop()
        if model not in seen:
            seen.add(model)
            waiting += [inner for field in model.model_fields.values() for inner in inner_models(field.annotation)]
    return seen


def test_every_model_is_part_of_a_file_that_is_tested() -> None:
    seen = models_of(*ENTRY_POINTS)
    bases = {base for model in seen for base in model.__mro__}

    assert [model.__name__ for model in every_model() if model not in bases and model.__module__.startswith("stacks.")] == []


def test_every_required_key_has_an_example_of_what_to_write() -> None:
    silent = [
        f"{model.__name__}.{key}"
        for model in models_of("Stack", "Catalog")
        for key, field in keys_of(model).items()
        if field.is_required() and not field.examples and key != "type"  # without a type, no model is chosen
    ]

    assert silent == []
