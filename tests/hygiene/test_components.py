"""Components stay authorable from any language, and stay apart from one another."""

import configparser
import dataclasses
import importlib
import inspect
import pkgutil
import subprocess
import sys
import typing
from functools import cache
from pathlib import Path

import pulumi
import pytest
from pulumi.provider.experimental.analyzer import Analyzer

import components
from tests.engine import REPOSITORY


@cache
def component_classes() -> tuple[type[pulumi.ComponentResource], ...]:
    found = []
    for module in pkgutil.iter_modules(components.__path__):
        loaded = importlib.import_module(f"components.{module.name}")
        for _, each in inspect.getmembers(loaded, inspect.isclass):
            if issubclass(each, pulumi.ComponentResource) and each.__module__ == loaded.__name__:
                found.append(each)
    return tuple(found)


def test_pulumis_analyzer_reads_every_component() -> None:
    # What `pulumi package get-schema` would do, without a CLI.
    classes = component_classes()

    result = Analyzer("gitops").analyze(components=list(classes))

    assert set(result["component_definitions"]) == {each.__name__ for each in classes}
    assert len(classes) >= 10


@pytest.mark.parametrize("component", component_classes(), ids=lambda each: each.__name__)
def test_every_optional_argument_is_optional_in_the_schema(component: type[pulumi.ComponentResource]) -> None:
    # The Analyzer knows Optional, and nothing of defaults: an argument with another default would be required elsewhere.
    args = typing.get_type_hints(component.__init__)["args"]
    definition = Analyzer("gitops").analyze(components=[component])["component_definitions"][component.__name__]

    for field in dataclasses.fields(args):
        first, *others = field.name.split("_")
        optional = field.default is not dataclasses.MISSING or field.default_factory is not dataclasses.MISSING
        assert definition.inputs[first + "".join(other.capitalize() for other in others)].optional == optional, field.name


@pytest.mark.parametrize("component", component_classes(), ids=lambda each: each.__name__)
def test_arguments_are_frozen_and_given_by_name(component: type[pulumi.ComponentResource]) -> None:
    args = typing.get_type_hints(component.__init__)["args"]

    assert args.__name__ == f"{component.__name__}Args"
    assert args.__dataclass_params__.frozen
    assert {parameter.kind for parameter in inspect.signature(args).parameters.values()} == {inspect.Parameter.KEYWORD_ONLY}
    assert list(inspect.signature(component).parameters) == ["name", "args", "opts"]


def test_one_component_lives_in_one_module() -> None:
    homes = [each.__module__ for each in component_classes()]

    assert len(homes) == len(set(homes)), f"one component per module: {sorted(homes)}"


def test_the_contract_of_independence_lists_every_component() -> None:
    contracts = configparser.ConfigParser()
    contracts.read(REPOSITORY / ".importlinter")

    independent, _below = contracts["importlinter:contract:independent-components"]["layers"].strip().splitlines()

    assert {f"components.{name.strip()}" for name in independent.split("|")} == {each.__module__ for each in component_classes()}


@pytest.mark.thorough
def test_every_import_contract_is_kept() -> None:
    linter = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run([linter], cwd=REPOSITORY, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout
    assert " 0 broken" in done.stdout
