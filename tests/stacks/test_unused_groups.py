"""A group of the catalog that no stack uses is told once in a preview; one that another stack uses is not."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from stacks.choosing.unused_groups import left_to_nobody
from stacks.contract.catalog import Catalog
from stacks.contract.stack import Stack
from stacks.inputs import groups_of_other_stacks
from stacks.inputs.groups_of_other_stacks import used_by_no_other
from tests.engine import entry_point, run
from tests.shipped_stacks import dev

STACK: dict[str, Any] = {
    "environment": "development",
    "cluster": {"name": "dev", "context": "c"},
    "flux": {"manifests": "./manifests"},
    "use": ["base"],
}


def entry(*groups: str) -> dict[str, Any]:
    return {"url": "https://git.test/a.git", "groups": [*groups]}


def told(git: dict[str, Any], folder: Path, monkeypatch: pytest.MonkeyPatch, **stack: Any) -> str | None:
    """What stack `it` says of a catalog with these entries, beside the stack files in `folder`."""
    monkeypatch.setattr("stacks.inputs.project_directory._chosen", folder)
    catalog, model = Catalog.model_validate({"git": git}), Stack.model_validate({**STACK, **stack})
    return left_to_nobody(catalog, model, lambda groups: used_by_no_other(groups, "it"))


def beside(folder: Path, **use: Any) -> None:
    for name, groups in use.items():
        (folder / f"Pulumi.{name}.yaml").write_text(yaml.safe_dump({"config": {"gitops:use": groups}}))


def test_an_entry_that_no_stack_takes_is_named_with_its_group(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    beside(tmp_path, it=["base", "system"], production=["base", "apps"])
    assert told({"a": entry("base"), "web": entry("system")}, tmp_path, monkeypatch) == (
        "No stack uses group system of the catalog, so no cluster gets git/web. To add it here, add the group to gitops:use."
    ), "the own file counts as it was judged, not as it is read again"
    many = told({name: entry(f"g-{name}") for name in "abcde"}, tmp_path, monkeypatch)
    assert many is not None
    assert "group g-a, g-b, g-c or one of 2 more" in many
    assert "git/a and 4 more. To add them here" in many


@pytest.mark.parametrize(
    ("git", "stack"),
    [
        ({"web": entry("apps")}, {}),
        ({"web": entry("system", "apps")}, {}),
        ({"web": entry("system", "base")}, {}),
        ({"web": entry("system")}, {"override": {"git/web": {"groups": ["base"]}}}),
    ],
    ids=["another stack uses it", "another uses its other group", "this stack uses its other group", "an override changes it"],
)
def test_an_entry_that_some_stack_takes_is_not_told(
    git: dict[str, Any], stack: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    beside(tmp_path, production=["base", "apps"])
    assert told(git, tmp_path, monkeypatch, **stack) is None


@pytest.mark.parametrize("text", ["a: [1", "[]", "config: {gitops:use: {env: USE}}", "config: {gitops:use: [1, {a: b}]}"])
def test_a_stack_file_that_cannot_be_read_is_skipped(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "Pulumi.broken.yaml").write_text(text)
    (tmp_path / "Pulumi.directory.yaml").mkdir()
    assert "group system" in str(told({"web": entry("system")}, tmp_path, monkeypatch))
    beside(tmp_path, production=["system"])
    assert told({"web": entry("system")}, tmp_path, monkeypatch) is None


def test_no_file_is_read_for_nothing_and_none_of_a_large_fleet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[Path] = []
    monkeypatch.setattr(groups_of_other_stacks, "only_document", lambda file, _: read.append(file))
    beside(tmp_path, **{f"s{number}": ["base"] for number in range(groups_of_other_stacks.MOST)})
    assert told({"a": entry("base")}, tmp_path, monkeypatch) is None
    assert read == []
    assert told({"web": entry("system")}, tmp_path, monkeypatch)
    assert len(read) == groups_of_other_stacks.MOST
    beside(tmp_path, one_more=["base"])
    assert told({"web": entry("system")}, tmp_path, monkeypatch) is None
    assert len(read) == groups_of_other_stacks.MOST


@pytest.mark.parametrize("preview", [True, False])
def test_only_a_preview_says_it_and_only_once(preview: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stacks.settings.left_to_nobody", lambda *_: "No stack uses group system")
    monkeypatch.setattr("stacks.guard.look_before", lambda settings: settings)
    record = run(entry_point(), **dev(tmp_path, preview=preview))
    assert len([each for each in record.log if each.severity == "info" and "No stack uses" in each.text]) == preview


def test_the_shipped_stacks_use_every_group_of_the_shipped_catalog(tmp_path: Path) -> None:
    record = run(entry_point(), **dev(tmp_path, preview=True))
    assert not [each for each in record.log if "No stack uses" in each.text]
