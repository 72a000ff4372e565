"""What is generated from the models is what the models say, and agrees with them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from stacks.contract.catalog import Catalog
from stacks.contract.stack import Stack
from stacks.documents.json_schemas import catalog_schema, documents, examples, stack_schema
from stacks.documents.reference import inner_models
from stacks.reading.model_walk import Model, keys_of
from stacks.reading.validation import validate
from stacks.reading.yaml_file import read_yaml
from stacks.words.problems import Problem
from tests.documents import document
from tests.engine import REPOSITORY

DOCUMENTS = documents(*examples())
STACK_FILES = [*sorted(REPOSITORY.glob("Pulumi.*.yaml")), REPOSITORY / "docs/examples/Pulumi.example.yaml"]
SCHEMA_LINE = "# yaml-language-server: $schema="
RECIPIENT = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"
CATALOGS = [REPOSITORY / "catalog.yaml", REPOSITORY / "docs/examples/catalog.yaml"]


def content(file: Path) -> Any:
    return read_yaml(file, file.name).value


def complaints(schema: dict[str, Any], value: Any) -> list[str]:
    return [f"{error.instance_path}: {error.message}" for error in jsonschema_rs.Draft7Validator(schema).iter_errors(value)]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_generated_document_is_what_the_models_say(name: str) -> None:
    file = REPOSITORY / name
    written = file.read_text(encoding="utf-8") if file.is_file() else ""

    assert written == DOCUMENTS[name], f"{name} is not what the models say. Run: make schema"


@pytest.mark.parametrize("schema", [stack_schema(), catalog_schema()], ids=["stack", "catalog"])
def test_a_schema_is_one(schema: dict[str, Any]) -> None:
    assert jsonschema_rs.meta.is_valid(schema)


@pytest.mark.parametrize(
    ("file", "schema"),
    [*((file, "stack") for file in STACK_FILES), *((file, "catalog") for file in CATALOGS)],
    ids=lambda value: str(value.relative_to(REPOSITORY)) if isinstance(value, Path) else "",
)
def test_a_shipped_file_names_its_schema_at_its_top_and_satisfies_it(file: Path, schema: str) -> None:
    top = file.read_text(encoding="utf-8").splitlines()[:2]
    (named,) = (line.removeprefix(SCHEMA_LINE) for line in top if line.startswith(SCHEMA_LINE))

    assert (file.parent / named).resolve() == REPOSITORY / "schema" / f"{schema}.schema.json"
    assert complaints({"stack": stack_schema(), "catalog": catalog_schema()}[schema], content(file)) == []


def with_config(**changes: Any) -> Any:
    written = content(REPOSITORY / "docs/examples/Pulumi.example.yaml")
    config = {**written["config"], **{f"gitops:{key}": value for key, value in changes.items()}}
    return {**written, "config": {key: value for key, value in config.items() if value is not None}}


@pytest.mark.parametrize(
    "changes",
    [
        {"environment": "prod"},
        {"environment": {"env": "GITOPS_DEV_HOME"}},
        {"cluster": {"name": "c"}},
        {"cluster": {"name": "c", "context": "c", "contxt": "c"}},
        {"variables": {"A": 2.5}},
        {"variables": {"1A": "x"}},
        {"variables": {"A": {"env": 1}}},
        {"age-2026-11": "in plain text"},
        {"age": {"keys": {"2026-11": "provided"}}},
        {"age": {"keys": {"2026-11": {"origin": "supplied"}}}},
        {"age": {"keys": {"2026-11": {"origin": "supplied", "recipient": "age1"}}}},
        {"age": {"keys": {"2026-11": {"origin": "generated", "recipient": RECIPIENT}}}},
        {"age": {"recipients": ["AGE-SECRET-KEY-1"]}},
        {"overide": {}},
        {"use": []},
        {"use": None},
        {"override": {"gti/a": {}}},
        {"credentials": {"a": {"type": "token"}}},
        {"credentials": {"a": {"type": "ssh", "identity": "x"}}},
    ],
)
def test_an_editor_sees_what_the_program_would_refuse(changes: dict[str, Any]) -> None:
    assert complaints(stack_schema(), with_config(**changes))


def test_an_editor_knows_both_forms_of_an_age_key() -> None:
    keys = {"a": "supplied", "b": "generated", "c": {"origin": "supplied", "recipient": RECIPIENT}, "d": {"env": "GITOPS_DEV_HOME"}}

    assert complaints(stack_schema(), with_config(age={"keys": keys, "recipients": [RECIPIENT]})) == []


def test_an_editor_takes_values_from_the_environment_and_keys_of_others() -> None:
    written = with_config(variables={"A": {"env": "GITOPS_DEV_HOME"}})
    written["config"]["kubernetes:anything"] = {"a": 1}

    assert complaints(stack_schema(), written) == []
    assert complaints(stack_schema(), {**written, "encryptionsalt": "v1:x", "unknown": 1})


@pytest.mark.parametrize(
    "changes",
    [
        {"git": {"a": {"from": "h/r", "url": "https://x.test/r"}}},
        {"git": {"a": {}}},
        {"helm": {"a": "charts.test"}},
        {"helm": {"A": "https://charts.test"}},
        {"kustomizations": {"a": {}}},
        {"objects": [{"object": {"kind": "Bucket"}}]},
        {"gti": {}},
    ],
)
def test_an_editor_sees_what_the_program_would_refuse_in_a_catalog(changes: dict[str, Any]) -> None:
    assert complaints(catalog_schema(), changes)
    problems: list[Problem] = []
    validate(Catalog, document(changes), problems)
    assert problems


def keys_below(model: Model, seen: set[Model]) -> Iterator[tuple[Model, str]]:
    if model in seen:
        return
    seen.add(model)
    for key, field in keys_of(model).items():
        yield model, key
        for inner in inner_models(field.annotation):
            yield from keys_below(inner, seen)


@pytest.mark.parametrize("model", [Stack, Catalog])
def test_every_key_says_what_it_means(model: Model) -> None:
    silent = [f"{owner.__name__}.{key}" for owner, key in keys_below(model, set()) if not keys_of(owner)[key].description]

    assert not silent


def written_keys(value: Any) -> set[str]:
    if isinstance(value, dict):
        return {str(key).removeprefix("gitops:") for key in value} | {key for item in value.values() for key in written_keys(item)}
    return {key for item in value for key in written_keys(item)} if isinstance(value, list) else set()


@pytest.mark.parametrize(("model", "file"), [(Stack, STACK_FILES[-1]), (Catalog, CATALOGS[-1])])
def test_the_examples_show_every_key(model: Model, file: Path) -> None:
    wanted = {key for _, key in keys_below(model, set())}

    assert wanted - written_keys(content(file)) == set()


def test_the_example_is_one_that_the_models_take() -> None:
    problems: list[Problem] = []
    config = content(STACK_FILES[-1])["config"]
    plain = {key.removeprefix("gitops:"): value for key, value in config.items() if key.removeprefix("gitops:") in keys_of(Stack)}

    assert validate(Stack, document(plain), problems) is not None, problems
    assert validate(Catalog, document(content(CATALOGS[-1])), problems) is not None, problems


def test_the_reference_lists_every_key_policy_and_rule() -> None:
    page = DOCUMENTS["docs/reference.md"]

    assert "| `sops-" not in page
    for _, key in (*keys_below(Stack, set()), *keys_below(Catalog, set())):
        assert f"| `{key}` |" in page
    for name in ("manifests-are-pinned", "sources-are-fetched-encrypted", "dependency-is-known", "nothing-waits-for-itself"):
        assert f"| {name} |" in page
