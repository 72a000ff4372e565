"""What `gitops render` shows is what the program registers: object for object, for every shipped stack and every valid fixture."""

import base64
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from flux.owners_mark import RECIPIENTS_ANNOTATION
from gitops.rendered.cluster_body import FOR_THE_PROVIDER
from gitops.rendered.stack_objects import RenderedStack, render_stack
from tests.engine import AMBIENT
from tests.manifests import manifests_directory
from tests.record import UNKNOWN, Record, Resource, Secret
from tests.shipped_stacks import dev_environment
from tests.stack_files import ARTIFACT_VERSION, files_in
from tests.stacks.test_fixtures import VALID, previewed

Identity = tuple[str, str, str, str]


def identity(body: Mapping[str, Any]) -> Identity:
    metadata = body["metadata"]
    return str(body["apiVersion"]), str(body["kind"]), str(metadata.get("namespace", "")), str(metadata["name"])


def registered(record: Record) -> dict[Identity, dict[str, Any]]:
    """Every object that reached the engine, without what is meant for the provider alone."""
    return {identity(each.inputs): without_provider(each) for each in record.kubernetes()}


def without_provider(resource: Resource) -> dict[str, Any]:
    metadata = dict(resource.inputs["metadata"])
    kept = {key: value for key, value in metadata.pop("annotations", {}).items() if not key.startswith(FOR_THE_PROVIDER)}
    return {**resource.inputs, "metadata": {**metadata, **({"annotations": kept} if kept else {})}}


def shown(stack: RenderedStack) -> dict[Identity, Mapping[str, Any]]:
    assert not stack.problems, stack.problems
    return {identity(each.body): each.body for each in stack.objects}


def check_same(stack: RenderedStack, record: Record) -> None:
    rendered, made = shown(stack), registered(record)
    assert rendered.keys() == made.keys()
    for name, body in made.items():
        other = dict(rendered[name])
        if body["kind"] == "Secret":
            check_same_secret(other, body)
        else:
            assert other == body, name


def check_same_secret(rendered: Mapping[str, Any], body: Mapping[str, Any]) -> None:
    """The same but for values: a placeholder where the engine has a secret, and what is public as it is."""
    data = body["data"].value if isinstance(body["data"], Secret) else body["data"]
    named, known_names = (each["metadata"].get("annotations", {}).get(RECIPIENTS_ANNOTATION) for each in (rendered, body))
    assert "=<recipient of " in named if known_names is UNKNOWN else named == known_names
    assert without_recipients(rendered) == without_recipients(body)
    assert rendered["data"].keys() == data.keys()
    for entry, value in rendered["data"].items():
        known = data[entry].value if isinstance(data[entry], Secret) else data[entry]
        if value.startswith("<"):
            assert value not in (known, base64.b64encode(str(known).encode()).decode())
        else:
            assert known == value, f"{entry} is shown, and is not what is registered"
            assert known is not UNKNOWN


def without_recipients(secret: Mapping[str, Any]) -> dict[str, Any]:
    metadata = secret["metadata"]
    annotations = {key: value for key, value in metadata.get("annotations", {}).items() if key != RECIPIENTS_ANNOTATION}
    return {**secret, "data": None, "metadata": {**metadata, "annotations": annotations}}


@pytest.fixture(autouse=True)
def nobodys_environment() -> Iterator[None]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(AMBIENT)}
    with patch.dict(os.environ, kept, clear=True):
        yield


def test_the_shipped_stacks(production_preview: Record, staging_preview: Record) -> None:
    for name, record in (("production", production_preview), ("staging", staging_preview)):
        with patch.dict(os.environ, {"GITOPS_FLUX_MANIFESTS": str(manifests_directory())}):
            check_same(render_stack(name), record)


def test_the_dev_stack_with_generated_keys_and_values_of_the_environment(dev_preview: Record, tmp_path: Path) -> None:
    environment = {name: value for name, value in dev_environment(tmp_path).items() if name != "KUBECONFIG"}
    with patch.dict(os.environ, environment):
        check_same(render_stack("dev"), dev_preview)


@pytest.mark.thorough
def test_every_valid_fixture(tmp_path: Path) -> None:
    for file in VALID:
        folder = tmp_path / file.stem
        folder.mkdir()
        record = previewed(file, folder)
        assert record.exit_code == 0, record.errors
        version = found[1] if (found := ARTIFACT_VERSION.search(file.read_text(encoding="utf-8"))) else "v2.9.4"
        with files_in(folder), patch.dict(os.environ, {"GITOPS_FLUX_MANIFESTS": str(manifests_directory(version))}):
            check_same(render_stack("fixture"), record)
