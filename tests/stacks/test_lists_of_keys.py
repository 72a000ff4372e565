"""Every list of keys, sections or names that is written by hand says what the models say. Most lists follow from the models instead."""

import ast
import re
from collections.abc import Iterator, Mapping, Set
from dataclasses import fields
from pathlib import Path
from typing import Any, get_args, get_origin

import pytest

from flux.keys.key_services import KEY_SERVICES
from flux.release.distribution import DEFAULT_COMPONENTS
from flux.release.install_options import UPSTREAM_REGISTRY, InstallOptions
from flux.release.size_presets import SIZE_PRESETS
from flux.requirement import EVERYWHERE, Environment
from flux.rules import decryption_keys
from gitops.new.questions import _ENVIRONMENT_EFFECTS, _ENVIRONMENTS
from stacks.choosing.catalog_entry import Entry
from stacks.choosing.kustomizations import DELETION_POLICIES
from stacks.choosing.sections import SECTIONS
from stacks.contract.catalog import Catalog, CatalogEntry, GitEntry, HelmEntry, ObjectBody, ObjectMetadata, OciEntry, SourceEntry
from stacks.contract.credentials.credential import CredentialModel
from stacks.contract.credentials.every_type import CREDENTIAL_TYPES
from stacks.contract.flux_release import Flux
from stacks.contract.names import PREFIX
from stacks.contract.outputs import SourceKind
from stacks.contract.section_names import NAMED_SECTIONS
from stacks.contract.stack import Host, HostOverride, OnDestroy, Stack
from stacks.documents.json_schemas import PLAIN_ONLY, catalog_schema
from stacks.documents.reference import inner_models
from stacks.inputs.config import _DECIDES
from stacks.judging import other_keys
from stacks.reading.document import Document, Places
from stacks.reading.model_errors import SECRET_FIELDS
from stacks.reading.model_walk import Model, keys_of, models_in
from stacks.reading.yaml_file import A_CATALOG, A_STACK_FILE
from stacks.settings import _KEYS, _STAND_INS
from stacks.words.place import KeyPath, Place
from tests.engine import REPOSITORY

TAKE_A_PATH = {"touches", "holds", "below", "in_stack_file"}
"""Functions to which code gives a key path from the top of the stack file or the catalog, as a tuple or as arguments."""

FIND_A_PLACE = {"place", "at", "names"}
"""The same below an entry, a host or another part of a file."""
FIELDS_OF_FLUX: Set[KeyPath] = {("patches",)}
"""What is looked up in a spec, which is verbatim Flux."""


def choices(model: Model, key: str) -> set[str]:
    """The words that an optional key allows."""
    return {word for member in get_args(keys_of(model)[key].annotation) for word in get_args(member)}


A_SOURCE = GitEntry.model_validate({"url": "https://git.test/a.git"})


def sections() -> dict[str, Model]:
    """Section of the catalog whose entries have names, by which a stack overrides them → the model of an entry."""
    found = {key: list(inner_models(field.annotation)) for key, field in keys_of(Catalog).items() if get_origin(field.annotation) is dict}
    return {key: models[0] for key, models in found.items() if models and "spec" in models[0].model_fields}


def required_paths(model: Model, path: KeyPath = ()) -> Iterator[KeyPath]:
    for key, field in keys_of(model).items():
        if field.is_required():
            yield (*path, key)
            for inner in models_in(field.annotation):
                yield from required_paths(inner, (*path, key))


def value_at(document: Any, path: KeyPath) -> Any:
    for part in path:
        document = document[part]
    return document


def is_key_path(model: Model, path: KeyPath) -> bool:
    """Whether a document of `model` can have something at `path`."""
    annotation: Any = model
    for part in path:
        models = list(models_in(annotation))
        if models:
            found = [keys_of(each)[str(part)] for each in models if str(part) in keys_of(each)]
            if not found:
                return False
            annotation = found[0].annotation
        elif get_origin(annotation) in (dict, list):
            annotation = get_args(annotation)[-1]
        else:
            return annotation is Any
    return True


def literal_paths(tree: ast.AST, functions: Set[str] = TAKE_A_PATH) -> Iterator[KeyPath]:
    """The key paths that are given to functions, as far as they are written down; one that begins with a variable is none."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in functions and node.args:
            first = node.args[0]
            parts = first.elts if isinstance(first, ast.Tuple) else node.args
            path: KeyPath = ()
            for part in parts:
                if not (isinstance(part, ast.Constant) and isinstance(part.value, str)):
                    break
                path = (*path, part.value)
            if path:
                yield path


def modules() -> list[Path]:
    return [*sorted((REPOSITORY / "stacks").rglob("*.py")), *sorted((REPOSITORY / "flux" / "rules").glob("*.py"))]


def places_looked_up() -> dict[str, list[KeyPath]]:
    files = sorted((REPOSITORY / "stacks").rglob("*.py"))
    return {file.name: list(literal_paths(ast.parse(file.read_text(encoding="utf-8")), FIND_A_PLACE)) for file in files}


def test_every_key_path_in_the_code_is_one_of_the_models() -> None:
    used = {path: file.name for file in modules() for path in literal_paths(ast.parse(file.read_text(encoding="utf-8")))}
    unknown = {path: file for path, file in used.items() if not (is_key_path(Stack, path) or is_key_path(Catalog, path))}

    assert len(used) > 15, "the functions that take key paths are called otherwise now"
    assert unknown == {}


def test_every_key_whose_place_is_looked_up_is_one_of_the_models() -> None:
    used = {path: file for file, found in places_looked_up().items() for path in found}
    models: list[Model] = [Stack, Catalog, Host, ObjectMetadata, ObjectBody, *get_args(CatalogEntry)]
    unknown = {path: file for path, file in used.items() if not any(is_key_path(model, path) for model in models)}

    assert len(used) > 15, "the functions that look up places are called otherwise now"
    assert unknown.keys() == FIELDS_OF_FLUX, unknown


def test_what_stands_in_for_a_required_key_is_there_for_each_and_fits() -> None:
    assert set(_STAND_INS) == set(required_paths(Stack))

    whole = {str(path[0]): value for path, value in _STAND_INS.items() if len(path) == 1}
    Stack.model_validate(whole)
    for path, value in _STAND_INS.items():
        assert value_at(whole, path) == value


@pytest.mark.parametrize("path", _KEYS, ids=".".join)
def test_what_says_which_keys_the_cluster_has_is_in_the_model(path: KeyPath) -> None:
    assert is_key_path(Stack, path)


def test_every_field_of_a_secret_counts_as_a_place_of_secrets() -> None:
    fields = {field for model in CREDENTIAL_TYPES for field in model.SECRETS}

    assert fields < SECRET_FIELDS


def test_the_sections_that_a_stack_overrides_are_those_whose_entries_have_names() -> None:
    assert set(NAMED_SECTIONS) == set(sections())


def test_every_source_has_one_address_in_the_schema_for_editors_too() -> None:
    of_sources = {entry.__name__ for entry in sections().values() if issubclass(entry, SourceEntry)}
    schema: Mapping[str, Any] = catalog_schema()["$defs"]

    assert (
        of_sources
        == {GitEntry.__name__, HelmEntry.__name__, OciEntry.__name__}
        == {name for name, each in schema.items() if "oneOf" in each}
    )


def test_keys_that_decide_how_the_rest_is_read_never_come_from_the_environment() -> None:
    assert all(key == "type" or key.removeprefix("gitops:") in keys_of(Stack) for key in PLAIN_ONLY)
    assert all("type" in model.model_fields for model in CREDENTIAL_TYPES)


def test_environments_are_the_same_everywhere() -> None:
    assert get_args(Environment) == EVERYWHERE
    assert set(_ENVIRONMENTS) == set(_ENVIRONMENT_EFFECTS) == set(EVERYWHERE)


def test_who_speaks_in_a_file_is_told_by_keys_of_that_file() -> None:
    assert {key.removeprefix(PREFIX) for key in A_STACK_FILE.layers} <= set(keys_of(Stack))
    assert set(A_CATALOG.layers) == set(keys_of(Catalog)) - set(SECTIONS)


def test_the_key_that_decides_how_the_rest_is_read_is_one_of_the_stack_file() -> None:
    assert _DECIDES in keys_of(Stack)
    assert f"{PREFIX}{_DECIDES}" in PLAIN_ONLY


def test_every_choice_of_what_destroy_does_has_a_deletion_policy_of_flux() -> None:
    assert set(DELETION_POLICIES) == set(get_args(OnDestroy))


def test_every_entry_with_a_name_has_the_metadata_of_an_object() -> None:
    metadata = set(keys_of(ObjectMetadata)) - {"name", "namespace"}

    assert [name for name, model in sections().items() if not metadata <= set(keys_of(model))] == []
    assert metadata == set(Entry(name="x", model=A_SOURCE, document=Document({}, Places(Place(file="f"))), specs=()).metadata.below)


def test_the_output_with_sources_has_every_kind_that_has_a_url() -> None:
    with_url = [
        kind for name, section in SECTIONS.items() if issubclass(sections().get(name, Catalog), SourceEntry) for kind in section.kinds
    ]

    assert list(dict.fromkeys(with_url)) == [*get_args(SourceKind)]


def test_every_flag_by_which_keys_of_others_come_is_known_to_the_rule_and_to_the_check() -> None:
    assert set(other_keys._OF_FLAG) == set(decryption_keys._OTHER_WAYS)


def test_a_stack_can_replace_every_key_of_a_host_and_no_other() -> None:
    assert set(keys_of(HostOverride)) == set(keys_of(Host))
    assert {key for model in CREDENTIAL_TYPES for key in model.OF_HOSTS} == set(keys_of(Host)) - {"url"}
    assert set(get_args(get_args(get_args(CredentialModel.__annotations__["OF_HOSTS"])[0])[0])) == set(keys_of(Host)) - {"url"}


def test_every_install_option_reaches_the_release_with_the_same_default() -> None:
    defaults = InstallOptions()

    assert choices(Flux, "size") == set(SIZE_PRESETS)
    assert (Flux.model_fields["log_level"].default, Flux.model_fields["cluster_domain"].default) == (
        defaults.log_level,
        defaults.cluster_domain,
    )
    assert Flux.model_fields["network_policy"].default == defaults.network_policy
    read_elsewhere, given_elsewhere = {"allow_downgrade", "manifests", "verify"}, {"service_account_annotations", "chooses_log_level"}
    assert set(Flux.model_fields) - read_elsewhere == {field.name for field in fields(defaults)} - given_elsewhere
    for key, value in (("components", DEFAULT_COMPONENTS), ("registry", [UPSTREAM_REGISTRY]), ("nodeSelector", defaults.node_selector)):
        meaning = keys_of(Flux)[key].description or ""
        assert all(name in meaning for name in value), f"the description of {key} names the default"


def test_every_key_service_is_known_to_the_rule_and_to_the_check() -> None:
    assert {f"sops.{service}" for service in KEY_SERVICES} == decryption_keys._NAMES
    assert set(other_keys._OF_SERVICE) == set(KEY_SERVICES)


def test_the_stack_file_of_the_demo_explains_every_key() -> None:
    text = (REPOSITORY / "Pulumi.dev.yaml").read_text(encoding="utf-8")
    models: list[Model] = [Stack, *(inner for field in keys_of(Stack).values() for inner in inner_models(field.annotation))]

    assert [key for model in models for key in keys_of(model) if not re.search(rf"\b{key}\b", text)] == []
