import base64
import hashlib
import hmac
from pathlib import Path

import pytest

from gitops.errors import CommandError
from gitops.new.host_keys import host_keys
from tests.gitops.new.clone import GITHUB
from tests.keys import host_key

BASE, SERVER = "ssh://git@git.example.org:2222/you", "git.example.org"
NAME = "[git.example.org]:2222"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".ssh").mkdir()
    return tmp_path


def hashed(name: str) -> str:
    salt = b"twenty bytes of salt"
    return "|1|" + "|".join(base64.b64encode(part).decode() for part in (salt, hmac.digest(salt, name.encode(), hashlib.sha1)))


@pytest.mark.parametrize("pattern", [NAME, f"other.example.org,{NAME}", hashed(NAME)])
def test_a_server_that_the_person_trusts_already_is_trusted_with_that_key(pattern: str, home: Path) -> None:
    (home / ".ssh" / "known_hosts").write_text(f"elsewhere.example.org {host_key('x')}\n{pattern} {host_key()} a comment\n")
    assert host_keys(BASE, SERVER, None) == (f"{NAME} {host_key()}", "~/.ssh/known_hosts")


def test_a_key_that_was_revoked_is_not_taken(home: Path) -> None:
    (home / ".ssh" / "known_hosts").write_text(f"@revoked {NAME} {host_key()}\n")
    assert host_keys(BASE, SERVER, None) == (None, "nowhere")


def test_githubs_key_is_the_published_one(home: Path) -> None:
    assert host_keys("ssh://git@github.com/you", "github.com", None)[0] == GITHUB


def test_a_file_that_is_named_has_to_know_the_server(home: Path) -> None:
    file = home / "lines"
    file.write_text(f"{NAME} {host_key()}\n")
    assert host_keys(BASE, SERVER, file)[0] == f"{NAME} {host_key()}"
    file.write_text(f"elsewhere.example.org {host_key()}\n")
    with pytest.raises(CommandError, match=f"has no line for {SERVER}"):
        host_keys(BASE, SERVER, file)
    with pytest.raises(CommandError, match="cannot be read"):
        host_keys(BASE, SERVER, home / "nothing")
