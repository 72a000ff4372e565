"""Fetching over SSH: with the stack's key and only its known hosts, or as the person, with the stack's known hosts besides."""

import io
import os
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from gitops.check.fetch.clone import Source, check_out
from gitops.check.fetch.fetching import Fetcher
from gitops.check.fetch.git_login import Access, access_for, git_environment
from gitops.check.fetch.ssh_command import as_the_person
from stacks.contract.credentials.ssh import SshCredential
from tests.gitops.check.git_server import FAKE_SSH, bare_repository, git
from tests.gitops.check.test_fetching import KEY, files, source

pytestmark = pytest.mark.usefixtures("nobodys_git")

GENERATED = SshCredential.model_validate({"type": "ssh", "generated": ["2026-11"], "active": "2026-11"})


def noting_ssh(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What git starts as `ssh`."""
    program = folder / "bin" / "ssh"
    program.parent.mkdir()
    program.write_text(FAKE_SSH)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")


@pytest.mark.thorough
def test_an_ssh_key_lies_in_a_file_of_this_user_alone_and_only_the_known_hosts_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository = bare_repository(tmp_path, {"a.yaml": "a: 1"})
    noting_ssh(tmp_path, monkeypatch)
    url = f"ssh://git@git.test{repository}"
    entries = {"known_hosts": "git.test ssh-ed25519 AAAA"}
    access = access_for(url, "deploy", SshCredential(type="ssh"), entries, {"deploy-identity": KEY}.get)

    assert files(check_out(source(url, access, ref={"branch": "main"}), tmp_path / "out")) == ["a.yaml"]

    noted = (tmp_path / "log").read_text().splitlines()
    options = dict(zip(noted[::2], noted[1::2], strict=False)) | {"all": " ".join(noted)}
    assert noted[-2:] == ["600", KEY]
    assert "StrictHostKeyChecking=yes" in options["all"]
    assert "IdentitiesOnly=yes" in options["all"]
    assert "UserKnownHostsFile=" in options["all"]
    assert not Path(options["-i"]).exists(), "the key outlives the fetch"


@pytest.mark.thorough
@pytest.mark.parametrize("configured", [None, "GIT_SSH_COMMAND", "core.sshCommand"])
@pytest.mark.parametrize("folder", ["plain", "with blank"])
def test_without_the_secret_the_catalogs_known_hosts_count_beside_the_persons_own(
    configured: str | None, folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The stack's key is in Pulumi's state alone, and the server's key in the catalog alone."""
    repository = bare_repository(tmp_path, {"a.yaml": "a: 1"})
    noting_ssh(tmp_path, monkeypatch)
    if configured == "core.sshCommand":
        git("config", "--file", str(tmp_path / "gitconfig"), configured, "ssh -i mine", at=tmp_path)
    elif configured:
        monkeypatch.setenv(configured, "ssh -i mine")
    (tmp_path / ".ssh").mkdir()
    (tmp_path / ".ssh" / "known_hosts").write_text("mine ssh-ed25519 AAAA\n")
    (tmp_path / folder).mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / folder))
    url = f"ssh://git@git.test{repository}"
    access = access_for(url, "deploy", GENERATED, {"known_hosts": "git.test ssh-ed25519 AAAA"}, lambda _: None)
    assert not access.own

    assert files(check_out(source(url, access, ref={"branch": "main"}), tmp_path / "out")) == ["a.yaml"]

    said = (tmp_path / "log").read_text()
    assert (tmp_path / "log.known").read_text() == "git.test ssh-ed25519 AAAA\nmine ssh-ed25519 AAAA\n"
    assert "StrictHostKeyChecking=yes" in said
    assert ("-i\nmine\n" in said) is (configured is not None)
    assert "BatchMode" not in said, "the person may have a key with a passphrase, and an agent"


def test_a_program_that_may_be_no_openssh_gets_no_options_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_SSH", "/usr/bin/plink")
    access = access_for("ssh://git@git.test/a.git", "deploy", GENERATED, {"known_hosts": "git.test ssh-ed25519 AAAA"}, lambda _: None)
    assert "GIT_SSH_COMMAND" not in git_environment(access, tmp_path)


def test_the_real_ssh_reads_both_files(tmp_path: Path) -> None:
    own = tmp_path / "with blank" / "known_hosts"
    shown = subprocess.run(
        ["bash", "-c", f"{as_the_person(str(own), {'PATH': os.environ['PATH']})} -G git.test"], capture_output=True, text=True, check=True
    ).stdout
    (line,) = [line for line in shown.splitlines() if line.startswith("userknownhostsfile ")]
    assert str(own) in line
    assert line.endswith("/.ssh/known_hosts2")


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("own", "stacks", "told"),
    [
        (True, {}, "not in `knownHosts`, so Flux would refuse it"),
        (False, {}, "Your own known_hosts"),
        (False, {"known_hosts": "git.test ssh-ed25519 AAAA"}, "not in `knownHosts`, so Flux would refuse it"),
    ],
)
def test_a_host_key_that_is_not_known_is_looked_for_where_ssh_looked(own: bool, stacks: dict[str, str], told: str, tmp_path: Path) -> None:
    access = Access(own=own, files=stacks, environment={"GIT_SSH_COMMAND": "sh -c 'echo Host key verification failed. >&2; exit 255'"})
    one = Source(name="one", url="ssh://git@git.test/a.git", spec={"ref": {"branch": "main"}}, access=access)
    fetcher = Fetcher({"one": one}, tmp_path / "out", io.StringIO())
    assert fetcher(["one"]) == {}
    assert told in fetcher.findings[0].text


def test_a_person_whose_key_the_server_does_not_know_learns_why_the_generated_one_did_not_help(tmp_path: Path) -> None:
    url = "ssh://git@git.test/a.git"
    access = replace(
        access_for(url, "deploy", GENERATED, {}, lambda _: None),
        environment={"GIT_SSH_COMMAND": "sh -c 'echo git@git.test: Permission denied \\(publickey\\). >&2; exit 255'"},
    )
    one = Source(name="one", url=url, spec={"ref": {"branch": "main"}}, access=access)
    fetcher = Fetcher({"one": one}, tmp_path / "out", io.StringIO())
    assert fetcher(["one"]) == {}
    told = fetcher.findings[0].text
    assert told.startswith(
        "could not be fetched with your own credentials (the stack's key is generated, and is only in Pulumi's state and the cluster)"
    )
    assert told.endswith("Add it to your account there.")
