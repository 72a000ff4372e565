"""Examples say that they are, and carry no salt of a passphrase that their reader does not know."""

from pathlib import Path

import pytest

from devcluster.program.shell_environment import DEMO_PASSPHRASE
from tests.engine import REPOSITORY

STACK_FILES = sorted(REPOSITORY.glob("Pulumi.*.yaml"))
EXAMPLES = [*STACK_FILES, *sorted((REPOSITORY / "docs" / "examples").glob("*.yaml"))]
DEMO = REPOSITORY / "Pulumi.dev.yaml"


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.name)
def test_an_example_says_so_in_its_first_line(file: Path) -> None:
    assert file.read_text(encoding="utf-8").startswith("# An example")


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.name)
def test_an_example_has_a_salt_only_with_its_passphrase_beside_it(file: Path) -> None:
    before, salt, _ = file.read_text(encoding="utf-8").partition("\nencryptionsalt:")

    assert bool(salt) == (file == DEMO), "`pulumi stack init` writes the salt of the reader's own passphrase"
    assert not salt or f'public passphrase, "{DEMO_PASSPHRASE}"' in before
