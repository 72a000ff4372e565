"""The virtual environment is installed with uv, checked by hashes, and with pip alone where uv cannot be used."""

import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from devcluster.messages.progress import RunningStep
from tests.engine import REPOSITORY

FILE = REPOSITORY / "requirements" / "install.py"
PINNED = REPOSITORY / "requirements" / "dev.txt"


@pytest.fixture
def install() -> ModuleType:
    spec = importlib.util.spec_from_file_location("install", FILE)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Commands:
    """Takes the place of `run`: notes what would be run, and fails what `refused` names."""

    def __init__(self, install: ModuleType, refused: str = "") -> None:
        self.ran: list[str] = []
        self.required: list[str] = []
        self._install, self._refused = install, refused

    def __call__(self, command: list[str], *_: Any) -> None:
        line = " ".join(command)
        self.ran.append(line)
        if self._refused and self._refused in line:
            raise self._install.CommandError("first line\nno route to the index\n")
        if "-r" in command:
            self.required.append(Path(command[command.index("-r") + 1]).read_text())


def test_pip_installs_uv_alone_and_uv_the_rest_with_hashes(install: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commands = Commands(install)
    monkeypatch.setattr(install, "run", commands)
    monkeypatch.setattr(install.Environment, "_settings_for_uv", lambda self: {})
    install.main(tmp_path / ".venv", PINNED)
    made, uv, rest, project = commands.ran
    assert made.endswith(f"-m venv {tmp_path}/.venv")
    assert "-m pip" in uv
    assert rest.startswith(f"{tmp_path}/.venv/bin/uv pip install")
    assert all("--require-hashes" in command for command in (uv, rest))
    assert re.findall(r"^[\w.-]+==", commands.required[0], re.MULTILINE) == ["uv=="]
    assert commands.required[0] in PINNED.read_text()
    assert "--hash=sha256:" in commands.required[0]
    assert commands.required[1] == PINNED.read_text()
    assert project.endswith(f"-e {REPOSITORY}")


def test_each_step_shows_its_number_and_what_the_command_last_said(
    install: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(install, "run", Commands(install))
    monkeypatch.setattr(install.Environment, "_settings_for_uv", lambda self: {})
    install.main(tmp_path / ".venv", PINNED)
    packages = len(re.findall(r"^[\w.-]+==", PINNED.read_text(), re.MULTILINE))
    steps = [line.strip().partition(": done in ")[0] for line in capsys.readouterr().err.splitlines()]
    assert steps == [
        f"[1/3] making the virtual environment {tmp_path}/.venv",
        "[2/3] installing uv, which installs the rest",
        f"[3/3] installing {packages} packages",
    ]


def test_what_a_command_says_is_shown_while_it_runs(install: ModuleType) -> None:
    step = RunningStep(label="[3/3] installing 95 packages")
    install.run(["sh", "-c", "echo Resolved 95 packages; echo '  Downloaded   pulumi (1.2 MiB)'; echo"], step)
    assert step.line.startswith("[3/3] installing 95 packages … Downloaded pulumi (1.2 MiB), ")


@pytest.mark.parametrize("refused", ["uv.txt", "bin/uv"])
def test_where_uv_cannot_be_used_pip_installs_everything_and_that_is_told(
    refused: str, install: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    commands = Commands(install, refused)
    monkeypatch.setattr(install, "run", commands)
    monkeypatch.setattr(install.Environment, "_settings_for_uv", lambda self: {})
    install.main(tmp_path / ".venv", PINNED)
    assert all("-m pip" in command for command in commands.ran[-2:])
    assert "--require-hashes" in commands.ran[-2]
    assert "uv cannot be used (no route to the index), so pip installs everything" in capsys.readouterr().err


def test_the_index_that_pip_is_set_to_is_the_one_that_uv_uses(install: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    listed = "global.cert='/a.crt'\nglobal.index-url='https://index.example/simple'\nglobal.timeout='60'\n"
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: subprocess.CompletedProcess([], 0, listed))
    monkeypatch.delenv("UV_DEFAULT_INDEX", raising=False)
    monkeypatch.setenv("SSL_CERT_FILE", "/mine.crt")
    settings = install.Environment(tmp_path, PINNED)._settings_for_uv()
    assert settings == {"UV_DEFAULT_INDEX": "https://index.example/simple"}, "what the person set for uv stays"


def test_a_command_is_quoted_when_it_fails(install: ModuleType) -> None:
    with pytest.raises(install.CommandError) as caught:
        install.run([sys.executable, "-c", "print('one'); print('two'); raise SystemExit(3)"])
    assert caught.value.last_line == "two"
