"""docs/new.md shows what the command prints and writes in a new clone; it calls the catalog by its name alone."""

import re
import shutil

import pytest
from typer.testing import CliRunner

from gitops.cli import app
from stacks.contract.names import CATALOG
from tests.engine import REPOSITORY
from tests.gitops.new.clone import Clone

PAGE = (REPOSITORY / "docs" / "new.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def as_on_the_page(text: str) -> str:
    """The catalog at the top of the repository, wherever it lies now, and the columns that its longer path widens."""
    text = text.replace(CATALOG, "catalog.yaml").replace("$schema=../schema", "$schema=schema")
    return re.sub(r" +(?=#)", " ", text)


@pytest.mark.thorough
def test_the_page_shows_what_is_printed_and_written_in_a_new_clone(clone: Clone) -> None:
    for shipped in (CATALOG, *(file.name for file in REPOSITORY.glob("Pulumi.*.yaml"))):
        shutil.copy(REPOSITORY / shipped, clone.folder / shipped)
    clone.commit()
    console = next(text for kind, text in BLOCKS if kind == "console")
    command, _, printed = console.partition("\n")
    stack_file, catalog = (text for kind, text in BLOCKS if kind == "yaml")

    code, out, err = clone.run(*command.removeprefix("$ gitops new ").split())

    assert code == 0, out + err
    assert as_on_the_page(out) == as_on_the_page(printed)
    assert (clone.folder / "Pulumi.homelab.yaml").read_text() == stack_file
    assert as_on_the_page(clone.catalog.read_text()) == as_on_the_page(catalog)


@pytest.mark.parametrize("page", ["new.md"])
def test_every_option_is_on_the_page(page: str) -> None:
    printed = CliRunner().invoke(app, ["new", "--help"]).stdout.partition("Options:")[2]
    for option in re.findall(r"--[a-z-]+", printed):
        assert option in PAGE or option == "--help", option
