"""What a person can mend is one message with a next step: no traceback, and nothing written into somebody's directory."""

import sys
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from devcluster.__main__ import main
from devcluster.commands import homes
from devcluster.embedded_cluster import Devcluster
from devcluster.machine.home import Home
from devcluster.messages.refusals import refusal
from devcluster.messages.shell_commands import DEMO_HOME, ShellCommands

COMMANDS = ShellCommands(DEMO_HOME)
Run = Callable[..., str]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command that fails; what it says on stderr."""

    def run(*arguments: str) -> str:
        monkeypatch.setattr(sys, "argv", ["devcluster", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        assert ended.value.code == 1
        return " ".join(capsys.readouterr().err.split())

    def never(*_: object, **__: object) -> None:
        raise AssertionError("no test of a refusal starts a cluster")

    monkeypatch.setattr(Devcluster, "start", never)
    return run


def test_a_place_that_cannot_be_written_is_named_with_the_options_that_choose_it(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "refused /proc/nope: No such file" in run("up", "--home", "/proc/nope")
    monkeypatch.setenv("GITOPS_CACHE", "/proc/nope")
    told = run("build", "etcd")
    assert "refused /proc/nope: No such file or directory (FileNotFoundError at devcluster/toolchain/disk.py:" in told
    assert "--home and $GITOPS_CACHE" in told


@pytest.mark.parametrize("content", ["", '{"ports": {"etcd": 1', "[]"], ids=["empty", "cut off", "no object"])
@pytest.mark.parametrize("command", ["env", "status", "up"])
def test_an_unreadable_record_of_a_cluster_says_how_to_start_over(command: str, content: str, tmp_path: Path, run: Run) -> None:
    home = Home(directory=tmp_path / "home", name=homes.DEMO_NAME)
    home.make()
    (home.directory / "cluster.json").write_text(content)
    told, commands = run(command, "--home", str(home.directory)), home.commands
    assert f"{home.directory}/cluster.json cannot be read (" in told
    assert told.endswith(f"To start over: {commands.down} && {commands.up}")
    homes.down(home.directory)
    assert not home.directory.exists(), "what the message says to do must work"


def test_the_end_of_a_cluster_says_that_a_shell_keeps_its_environment(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Home(directory=tmp_path / "home", name=homes.DEMO_NAME).make()
    homes.down(tmp_path / "home")
    assert "open a new shell for any other stack" in capsys.readouterr().err


def test_a_server_that_is_down_is_named_with_what_starts_it(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def ask(*_: object) -> list[str]:
        httpx.get("http://user:private@127.0.0.1:1/api?token=private", trust_env=False)
        return []

    monkeypatch.setattr(homes, "env", ask)
    told = run("env")
    assert "GET http://127.0.0.1:1/api failed: ConnectError: [Errno 111] Connection refused" in told
    assert told.endswith("make demo")
    assert "private" not in told


def test_an_answer_is_told_by_its_status_and_a_header_by_nothing() -> None:
    request = httpx.Request("POST", "https://127.0.0.1:6443/api")
    refused = httpx.HTTPStatusError("…", request=request, response=httpx.Response(503, request=request))
    assert "POST https://127.0.0.1:6443/api failed: the answer was 503 Service Unavailable" in str(refusal(refused, COMMANDS))
    assert "private" not in str(refusal(httpx.LocalProtocolError("Illegal header value b'Bearer private\\n'"), COMMANDS))


def test_a_defect_of_ours_is_still_a_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: object) -> list[str]:
        raise LookupError("a defect")

    monkeypatch.setattr(homes, "env", broken)
    monkeypatch.setattr(sys, "argv", ["devcluster", "env"])
    with pytest.raises(LookupError):
        main()


@pytest.mark.parametrize("command", ["up", "down"])
def test_nothing_is_written_into_somebody_elses_directory(command: str, tmp_path: Path, run: Run) -> None:
    (tmp_path / "thesis.tex").touch()
    assert "contains thesis.tex" in run(command, "--home", str(tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_without_git_there_is_no_directory_either(tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "git is not on PATH" in run("up", "--home", str(tmp_path / "home"))
    assert not (tmp_path / "home").exists()
