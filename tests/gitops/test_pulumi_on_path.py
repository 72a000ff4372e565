"""Where pulumi is missing, the advice is that of the clone: an embedded cluster there has one, whichever its directory is called."""

from pathlib import Path

import pytest

from devcluster.machine.home import Home
from devcluster.messages.shell_commands import CLONE, DEMO_HOME, ShellCommands
from gitops import pulumi_on_path
from gitops.doctor.pulumi_parts import cli_checks
from gitops.pulumi_on_path import put_on_path


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project, in which the shell is; pulumi is not on PATH."""
    (tmp_path / "Pulumi.yaml").write_text("name: gitops\nruntime: python\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def advised() -> str:
    found = cli_checks("homelab")[0].message
    assert found is not None
    return found.fix


def test_without_a_cluster_it_is_installed_and_nothing_is_said_of_a_demo(clone: Path) -> None:
    assert put_on_path() == "Put pulumi on PATH. To see how to get it, run: gitops doctor"
    assert "pulumi" in advised()
    assert "demo" not in advised()


@pytest.mark.parametrize("home", [".demo", ".tutorial", "my cluster"])
def test_the_cluster_in_the_clone_brings_its_own(home: str, clone: Path) -> None:
    made = Home(directory=clone / home, name="unit")
    made.make()
    made.choose_ports()
    environment = ShellCommands(CLONE / home).env
    assert put_on_path() == f"Put pulumi on PATH: {environment}"
    assert advised().endswith(f"; or that of the cluster in this clone: {environment}")


def test_the_demo_is_offered_where_its_stack_is_meant(clone: Path) -> None:
    for stack in ("dev", None):
        found = cli_checks(stack)[0].message
        assert found is not None
        assert ("make demo" in found.fix) is (stack == "dev")


def test_the_demo_is_where_the_embedded_cluster_puts_it() -> None:
    assert DEMO_HOME.name == pulumi_on_path.DEMO_HOME
