"""The parts of the demo that need no cluster."""

import io
import subprocess
import sys
from collections.abc import Callable
from contextlib import chdir, redirect_stderr, redirect_stdout
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import patch

import pytest
import yaml
from cryptography.hazmat.primitives.serialization import load_ssh_public_key

from devcluster.__main__ import main
from devcluster.commands.homes import alone, cluster_at
from devcluster.gitea.gitea_server import GiteaServer
from devcluster.machine.home import Home
from devcluster.machine.ssh_keys import public_key, write_private_key
from devcluster.messages.errors import DevclusterError
from devcluster.program.pulumi_stack import changes, resources_done
from devcluster.program.waiting_for_flux import as_of_now
from flux.keys.ssh_private_keys import fault_of_ssh_key
from gitops.status.conditions import row_of
from gitops.status.row import Readiness
from tests.engine import REPOSITORY

UP = """
 +  kubernetes:core/v1:Secret sops-age created (0.1s)
Outputs:
    fluxVersion: "v2.9.4"

Resources:
    + 2 created
    ~ 1 updated
    3 changes. 71 unchanged

Duration: 3s
"""


def as_a_process(*arguments: str) -> tuple[int, str, str]:
    """Exit code, what is printed, and what is said on standard error."""
    done = subprocess.run([sys.executable, "-m", "devcluster", *arguments], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def in_this_process(*arguments: str) -> tuple[int, str, str]:
    """The same for a tenth of the time."""
    printed, said = io.StringIO(), io.StringIO()
    with (
        patch.object(sys, "argv", ["devcluster", *arguments]),
        chdir(REPOSITORY),
        redirect_stdout(printed),
        redirect_stderr(said),
        pytest.raises(SystemExit) as ended,
    ):
        main()
    return int(ended.value.code or 0), printed.getvalue(), said.getvalue()


def test_what_changed_is_told_in_one_line() -> None:
    assert changes(UP) == "2 created, 1 updated, 71 unchanged"
    assert changes("killed before it said anything") == "nothing to do"


def test_what_is_done_is_counted_while_it_is_being_done() -> None:
    begun = " +  kubernetes:core/v1:Secret sops-age creating (0s)\n"
    assert (resources_done(""), resources_done(begun), resources_done(begun + UP)) == (0, 0, 1)


def test_ready_at_a_commit_that_the_branch_left_is_not_ready() -> None:
    body = {
        "apiVersion": "source.toolkit.fluxcd.io/v1",
        "kind": "GitRepository",
        "metadata": {"name": "argo", "namespace": "flux-system", "generation": 1, "creationTimestamp": datetime.now(UTC).isoformat()},
        "spec": {},
        "status": {
            "observedGeneration": 1,
            "artifact": {"revision": "main@sha1:aaaa"},
            "conditions": [{"type": "Ready", "status": "True", "observedGeneration": 1, "reason": "Succeeded", "message": "stored"}],
        },
    }
    row = row_of(body)
    assert row.ready is Readiness.YES
    assert as_of_now(row, {"aaaa"}).ready is Readiness.UNKNOWN
    assert as_of_now(row, {"bbbb"}) == row, "a commit that is none of the samples' history is the person's own affair"


def test_the_known_hosts_line_names_the_port_and_the_key(tmp_path: Path) -> None:
    home = Home(directory=tmp_path / "home", name="unit")
    home.make()
    home.choose_ports()
    gitea = GiteaServer(home)
    gitea.prepare()
    host, kind, key = gitea.known_hosts_line.split(" ")
    assert host == f"[127.0.0.1]:{home.port('gitea-ssh')}"
    load_ssh_public_key(f"{kind} {key}".encode())


def test_giteas_settings_are_its_owners_alone_and_the_same_every_time(tmp_path: Path) -> None:
    home = Home(directory=tmp_path / "home", name="unit")
    home.make()
    home.choose_ports()
    GiteaServer(home).prepare()
    file = home.directory / "gitea" / "app.ini"
    first = file.read_text()
    GiteaServer(home).prepare()
    assert file.read_text() == first
    assert file.stat().st_mode & 0o777 == 0o600
    addresses = [line.partition(" = ")[2] for line in first.splitlines() if line.startswith(("HTTP_ADDR", "SSH_LISTEN_HOST"))]
    assert addresses == ["127.0.0.1", "127.0.0.1"], "the default of both is every interface"


def test_no_secret_of_gitea_is_in_its_command_line(tmp_path: Path) -> None:
    home = Home(directory=tmp_path / "home", name="unit")
    home.make()
    home.choose_ports()
    gitea = GiteaServer(home)
    gitea.prepare()
    words = set(yaml.safe_load((home.secrets / "gitea.json").read_text()).values())
    assert words
    assert not words & {*gitea.command, *gitea.environment.values()}


def test_every_ssh_reads_a_key_file_and_so_does_flux(tmp_path: Path) -> None:
    write_private_key(tmp_path / "key.pem")
    text = (tmp_path / "key.pem").read_text()
    assert text.startswith("-----BEGIN OPENSSH PRIVATE KEY-----\n"), "OpenSSH before 9.6 does not read PKCS8"
    assert fault_of_ssh_key(text.strip(), with_passphrase=False) is None
    assert public_key(tmp_path / "key.pem").startswith("ssh-ed25519 ")


RUNS = [pytest.param(as_a_process, "env", marks=pytest.mark.thorough), (in_this_process, "env"), (in_this_process, "status")]


@pytest.mark.parametrize(("run", "command"), RUNS)
def test_a_command_without_a_demo_says_how_to_start_one(run: Callable[..., tuple[int, str, str]], command: str, tmp_path: Path) -> None:
    code, printed, said = run(command, "--home", str(tmp_path / "none"))
    assert (code, printed) == (1, "")
    assert f"devcluster up --home {tmp_path / 'none'}" in said
    assert "Traceback" not in said


def test_ending_a_demo_that_is_not_there_is_no_fault(tmp_path: Path) -> None:
    code, _, _ = in_this_process("down", "--home", str(tmp_path / "none"))
    assert code == 0
    assert not (tmp_path / "none").exists()


def test_an_unknown_tool_is_refused_with_the_list_of_tools() -> None:
    code, _, said = in_this_process("build", "giteaa")
    assert code == 1
    assert "giteaa is not a tool" in said
    assert "kustomize-controller" in said


def test_two_commands_never_work_on_one_home(tmp_path: Path) -> None:
    cluster = cluster_at(tmp_path / "home")
    with alone(cluster), pytest.raises(DevclusterError, match=r"(?s)is using\s.*Ctrl-C"), alone(cluster):
        pass
