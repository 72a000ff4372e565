"""What several tests of the embedded cluster use."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from devcluster.controllers.pod_command import CONTROLLERS
from devcluster.machine.home import Home
from devcluster.toolchain.build_tools import entry
from devcluster.toolchain.tool import load_tool
from tests.devcluster.watched_supervisor import PROGRAM, FakeCluster, Watched


@pytest.fixture
def supervisor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watched]:
    monkeypatch.setenv("GITOPS_CACHE", str(tmp_path / "cache"))
    for name in CONTROLLERS:
        program = entry(load_tool(name)) / "bin" / name
        program.parent.mkdir(parents=True)
        program.write_text(PROGRAM)
        program.chmod(0o755)
    home = Home(directory=tmp_path / "home", name="unit")
    home.make()
    home.choose_ports()
    made = Watched(home, FakeCluster())
    yield made
    made.close()
