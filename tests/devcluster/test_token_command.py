"""`token`: one more token of the user with which Flux reads, one less, or the names of all; a refusal says what to do."""

from pathlib import Path

import httpx
import pytest

from devcluster.commands import token as command
from devcluster.commands.homes import cluster_at
from devcluster.commands.token import token
from devcluster.gitea.gitea_server import ADMINISTRATOR
from devcluster.gitea.organisation import GiteaApi
from devcluster.messages.errors import DevclusterError
from flux.atomic_write import write_atomically

TOKENS = "/api/v1/users/flux-reader/tokens"
NEW = "0" * 40


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home of a cluster whose Gitea has the tokens `first` and `second`."""
    names = ["second", "first"]

    def answer(_: GiteaApi, method: str, path: str, **more: object) -> httpx.Response:
        assert isinstance(more["auth"], httpx.BasicAuth), "Gitea refuses a token in the header here"
        if method == "POST":
            body = more["json"]
            assert isinstance(body, dict)
            assert body["scopes"] == ["read:repository", "read:package"]
            names.append(body["name"])
            return httpx.Response(201, json={"sha1": NEW})
        if method == "DELETE":
            names.remove(path.removeprefix(f"{TOKENS}/"))
            return httpx.Response(204)
        assert path.startswith(f"{TOKENS}?")
        return httpx.Response(200, json=[{"name": each} for each in names])

    cluster = cluster_at(tmp_path / "home")
    cluster.home.make()
    cluster.home.choose_ports()
    write_atomically(cluster.gitea.administrator_token_file, ADMINISTRATOR, mode=0o600)
    monkeypatch.setattr(command, "running", lambda _: cluster)
    monkeypatch.setattr(httpx.Client, "request", answer)
    return tmp_path / "home"


def test_a_new_one_is_printed_alone_and_its_name_is_listed(home: Path) -> None:
    assert token(home, "2026-11") == [NEW]
    assert token(home, None) == ["2026-11", "first", "second"]


def test_one_is_deleted_by_its_name(home: Path) -> None:
    assert token(home, "first", delete=True) == []
    assert token(home, None) == ["second"]


@pytest.mark.parametrize(
    ("name", "delete", "wrong"),
    [
        ("first", False, "flux-reader already has a token 'first'"),
        ("third", True, "flux-reader has no token 'third'. No token was deleted. Name one of: first, second."),
        (None, True, "--delete needs the name of a token"),
    ],
)
def test_what_cannot_be_done_is_refused(name: str | None, delete: bool, wrong: str, home: Path) -> None:
    with pytest.raises(DevclusterError) as refused:
        token(home, name, delete=delete)
    assert wrong in " ".join(str(refused.value).split())
    assert token(home, None) == ["first", "second"]
