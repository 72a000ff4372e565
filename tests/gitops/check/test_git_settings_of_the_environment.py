"""Git settings in the environment (`GIT_CONFIG_COUNT`), which CI and the demo's shell use: the person's, as their files of settings are."""

from pathlib import Path

import pytest

from gitops.check.fetch.clone import NotFetchedError, Source, check_out
from gitops.check.fetch.git_login import Access, access_for
from stacks.contract.credentials.basic import BasicCredential
from tests.gitops.check.git_server import bare_repository

pytestmark = pytest.mark.usefixtures("nobodys_git")
NOWHERE = "https://127.0.0.1:1/apps.git"
PASSWORD = "hunter2-" + "password"


def fetched(folder: Path, access: Access | None = None) -> list[str]:
    source = Source(name="apps", url=NOWHERE, spec={"ref": {"branch": "main"}}, access=access or Access())
    return sorted(check_out(source, folder).tree.shipped)


@pytest.fixture(autouse=True)
def instead_of_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CONFIG_COUNT", "2")  # the first is not set, as where a tool counts wrong
    monkeypatch.setenv("GIT_CONFIG_KEY_1", f"url.{bare_repository(tmp_path, {'a.yaml': 'a: 1'})}.insteadOf")
    monkeypatch.setenv("GIT_CONFIG_VALUE_1", NOWHERE)


def test_they_are_used_as_git_uses_them(tmp_path: Path) -> None:
    assert fetched(tmp_path / "out") == ["a.yaml"]


def test_none_counts_where_the_stacks_credential_is_sent(tmp_path: Path) -> None:
    login = access_for(NOWHERE, "gitea-read", BasicCredential(type="basic", username="flux"), {}, {"gitea-read-password": PASSWORD}.get)
    with pytest.raises(NotFetchedError):
        fetched(tmp_path / "out", login)


@pytest.mark.parametrize("count", ["", "two", "-1", "9" * 4000], ids=["empty", "a word", "negative", "endless"])
def test_what_is_no_number_counts_as_none(count: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CONFIG_COUNT", count)
    with pytest.raises(NotFetchedError):
        fetched(tmp_path / "out")
