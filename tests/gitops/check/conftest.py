"""What the tests of the check share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.gitops.check.stack import stack_and_repository


@pytest.fixture
def nobodys_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    (tmp_path / "gitconfig").touch()


@pytest.fixture
def clone(tmp_path: Path) -> Iterator[Path]:
    with stack_and_repository(tmp_path) as folder:
        yield folder
