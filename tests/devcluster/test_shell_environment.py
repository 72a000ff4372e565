"""What `make env` prints can be evaluated by a shell, and shows no secret."""

import shlex
import subprocess
from pathlib import Path

import pytest

from devcluster.commands import homes
from devcluster.gitea.gitea_server import GiteaServer
from devcluster.machine.home import Home
from devcluster.program.shell_environment import DEMO_PASSPHRASE, git_login, search_path, shell_lines
from flux.atomic_write import write_atomically

MARKER = "never-to-be-" + "printed"


def evaluated(lines: list[str], name: str) -> str:
    script = "\n".join([*lines, f'printf %s "${name}"'])
    return subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True).stdout


def test_a_secret_is_in_no_line_and_yet_in_the_environment(tmp_path: Path) -> None:
    file = tmp_path / "it's a key.pem"
    file.write_text(f"{MARKER}\nsecond line\n")
    lines = shell_lines({}, {"SECRET": file})
    assert MARKER not in "\n".join(lines)
    assert evaluated(lines, "SECRET") == f"{MARKER}\nsecond line"


def test_values_with_quotes_blanks_and_dollars_survive_the_shell() -> None:
    value = '[127.0.0.1]:22 ssh-ed25519 it\'s "$HOME" `id`\n;'
    assert evaluated(shell_lines({"VALUE": value}, {}), "VALUE") == value


def test_the_virtual_environments_python_is_the_first_on_path() -> None:
    import sys

    path = search_path(Path("/tools/bin/pulumi"), "/usr/bin:/tools/bin::/bin", Path("/age/bin")).split(":")
    expected = [f"{sys.prefix}/bin", "/tools/bin", "/age/bin", "/usr/bin", "/bin"]
    assert path == expected, "the language host runs the first python3 that it finds"


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_plain_git_in_that_shell_logs_in_without_the_token_being_in_a_line(scheme: str, tmp_path: Path) -> None:
    home = Home(directory=tmp_path / "ho me", name="unit")
    home.make()
    home.choose_ports()
    gitea = GiteaServer(home)
    write_atomically(gitea.administrator_token_file, MARKER, mode=0o600)
    lines = shell_lines(git_login(home), {})
    assert MARKER not in "\n".join(lines)
    asked = f"protocol={scheme}\nhost=127.0.0.1:{home.port(f'gitea-{scheme}')}\n"
    script = "\n".join([*lines, "export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1", "git credential fill"])
    done = subprocess.run(["bash", "-c", script], input=asked, capture_output=True, text=True, check=True)
    assert f"password={MARKER}" in done.stdout


@pytest.mark.thorough
@pytest.mark.parametrize("bare", [False, True], ids=["demo", "bare"])
def test_gitops_deploy_key_finds_gitea_and_its_token_there(bare: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = homes.cluster_at(tmp_path / "home")
    cluster.home.make()
    cluster.home.choose_ports()
    cluster.home.record(bare=bare)
    write_atomically(cluster.gitea.administrator_token_file, MARKER, mode=0o600)
    monkeypatch.setattr(homes, "running", lambda _: cluster)
    for name in ("of_any_stack", "of_the_dev_stack"):
        monkeypatch.setattr(homes, name, lambda _: {})

    lines = homes.env(tmp_path / "home")

    assert MARKER not in "\n".join(lines)
    assert evaluated(lines, "GITEA_URL") == cluster.gitea.url
    assert evaluated(lines, "GITEA_TOKEN") == MARKER
    for before, after in ((DEMO_PASSPHRASE, "" if bare else DEMO_PASSPHRASE), ("one's own", "one's own")):
        had = [f"export PULUMI_CONFIG_PASSPHRASE={shlex.quote(before)}", *lines, ": ${PULUMI_CONFIG_PASSPHRASE=}"]
        assert evaluated(had, "PULUMI_CONFIG_PASSPHRASE") == after, "the demo's passphrase must not encrypt secrets of another stack"
    assert lines[-1].startswith("# GITEA_TOKEN opens this cluster's Gitea alone"), "a person who reads the lines learns what it is for"
