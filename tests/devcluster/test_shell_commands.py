"""Each hint names the command for the home that it is about."""

from pathlib import Path

import pytest

from devcluster.commands import bare_cluster, demo
from devcluster.messages.shell_commands import CLONE, DEMO_HOME, ShellCommands


def test_the_demos_own_home_has_short_commands() -> None:
    commands = ShellCommands(DEMO_HOME)
    assert (commands.up, commands.down, commands.start_over) == ("make demo", "make demo-down", "make demo-down demo")
    assert commands.env == 'eval "$(make -s env)"'
    assert commands.repository("app") == ".venv/bin/python -m devcluster repository app"


@pytest.mark.parametrize(
    ("home", "shown"), [(CLONE / ".tutorial", ".tutorial"), (Path("/srv/my cluster"), "'/srv/my cluster'"), (Path("/srv/one"), "/srv/one")]
)
def test_another_home_is_named_in_every_command(home: Path, shown: str) -> None:
    commands = ShellCommands(home)
    for command in (commands.up, commands.down, commands.env, commands.describe, commands.repository("app")):
        assert f"--home {shown}" in command
        assert "make" not in command
    assert commands.env == f'eval "$(.venv/bin/python -m devcluster env --home {shown})"'


@pytest.mark.parametrize("hints", [demo.next_steps, bare_cluster.next_steps])
def test_the_hints_at_the_end_name_the_home(hints: object) -> None:
    assert callable(hints)
    told = hints(ShellCommands(CLONE / ".tutorial"))
    assert "make" not in told
    assert "devcluster env --home .tutorial" in told
    assert "devcluster down --home .tutorial" in told
