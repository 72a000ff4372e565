"""What a reviewer reads of each kind of change: tests/gitops/compare/goldens has the Markdown, `make goldens` writes it anew."""

import os
from collections.abc import Mapping
from pathlib import Path
from unittest.mock import patch

import pytest

from flux.release.distribution import Distribution
from gitops.compare.comparing import compared
from gitops.compare.found_changes import RevisionComparison
from gitops.compare.markdown import markdown
from gitops.rendered.read_folder import views_in
from gitops.rendered.stack_view import StackView
from stacks.choosing import installation
from tests.engine import AMBIENT
from tests.gitops.compare.kinds_of_change import CATALOG, KINDS, STACK, Edit, Kind
from tests.manifests import manifests_directory
from tests.stack_files import files_in, read_once

GOLDENS = Path(__file__).parent / "goldens"


def changed(text: str, edits: tuple[Edit, ...]) -> str:
    for before, after in edits:
        assert before in text, before
        text = text.replace(before, after)
    return text


def in_stack(text: str, stack: str) -> str:
    return text if stack == "production" else text.replace("name: homelab\n", f"name: {stack}\n").replace("[base]", "[base, more]")


def parsed_once(directory: Path, version: str | None = None, *, inside: Path | None = None) -> Distribution:
    """The release that a directory is named after, parsed once for all kinds."""
    del inside
    return read_once(manifests_directory(directory.name), version)


def views(folder: Path, stacks: dict[str, str], catalog: str, files: Mapping[str, str] | None = None) -> dict[str, StackView]:
    folder.mkdir()
    for name, text in {"Pulumi.yaml": "name: gitops\n", **(files or {})}.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    (folder / "catalog.yaml").write_text(catalog)
    for name, text in stacks.items():
        (folder / f"Pulumi.{name}.yaml").write_text(text)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(AMBIENT)}
    with (
        files_in(folder),
        patch.object(installation, "read_distribution", parsed_once),
        patch.dict(os.environ, {**kept, "GITOPS_FLUX_MANIFESTS": str(manifests_directory())}, clear=True),
    ):
        return views_in(folder)


def comparison_of(kind: Kind, folder: Path) -> RevisionComparison:
    before = {name: kind.before.get(name, in_stack(STACK, name)) for name in kind.stacks if name not in kind.come}
    after = {name: in_stack(changed(STACK, kind.stack), name) for name in kind.stacks if name not in kind.gone} | dict(kind.after)
    old = views(folder / "before", before, changed(CATALOG, kind.catalog_before), kind.files_before)
    new = views(folder / "after", after, changed(CATALOG, kind.catalog), {**kind.files_before, **kind.files})
    with patch.dict(os.environ, {"GITOPS_FLUX_MANIFESTS": str(manifests_directory())}):
        return compared(old, new, base="main (1a2b3c4d5e6f)", head="a-branch (6f5e4d3c2b1a)")


@pytest.mark.parametrize("kind", KINDS)
def test_the_markdown_is_what_its_golden_file_says(kind: str, tmp_path: Path, update_goldens: bool) -> None:
    text = markdown(comparison_of(KINDS[kind], tmp_path)).replace(str(tmp_path), "<folder>")
    golden = GOLDENS / f"{kind}.md"
    if update_goldens:
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8"), "if the change is meant: make goldens"


def test_no_golden_file_is_left_over() -> None:
    assert {file.stem for file in GOLDENS.iterdir()} == set(KINDS)
