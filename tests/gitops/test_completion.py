"""What a shell asks when Tab is pressed, and what `gitops` answers, in a process of its own."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from gitops.stack_file import stack_names
from tests.engine import REPOSITORY
from tests.gitops.api_server import write_kubeconfig

SHELLS = ("bash", "zsh", "fish")
ASK = """
import contextlib, io, json, os, sys
from gitops.cli import main

answers = []
for asked in json.load(sys.stdin):
    os.environ.update(asked)
    sys.argv = ["gitops"]
    with contextlib.redirect_stdout(io.StringIO()) as printed, contextlib.suppress(SystemExit):
        main()
    answers.append(printed.getvalue())
json.dump(answers, sys.stdout)
"""
LINES = [
    ("gitops ", "status"),
    ("gitops status --", "--context"),
    ("gitops check --stack ", "production"),
    ("gitops check -s pro", "production"),
    ("gitops status -s st", "staging"),
    ("gitops doctor -s d", "dev"),
    ("gitops status --context ", "fake"),
    ("gitops new --context fa", "fake"),
]


def asked(shell: str, line: str) -> dict[str, str]:
    words = line.split(" ")
    return {
        "bash": {"COMP_WORDS": "\n".join(words), "COMP_CWORD": str(len(words) - 1)},
        "zsh": {"_TYPER_COMPLETE_ARGS": line},
        "fish": {"_TYPER_COMPLETE_ARGS": line, "_TYPER_COMPLETE_FISH_ACTION": "get-args"},
    }[shell]


def completed(shell: str, lines: list[str], folder: Path) -> list[str]:
    """What is offered after each of `lines`. One process answers all of them: starting it is most of its work."""
    kubeconfig = write_kubeconfig(folder / "config", "https://127.0.0.1:9")
    environment = {**os.environ, "_GITOPS_COMPLETE": f"complete_{shell}", "KUBECONFIG": str(kubeconfig)}
    asks = json.dumps([asked(shell, line) for line in lines])
    command = [sys.executable, "-c", ASK]
    done = subprocess.run(command, env=environment, cwd=REPOSITORY, input=asks, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr, done.stderr
    answers: list[str] = json.loads(done.stdout)
    return answers


@pytest.mark.thorough
@pytest.mark.parametrize("shell", SHELLS)
def test_a_shell_completes(shell: str, tmp_path: Path) -> None:
    lines = LINES if shell == "bash" else LINES[3:4]
    for (line, offered), answer in zip(lines, completed(shell, [line for line, _ in lines], tmp_path), strict=True):
        assert offered in answer, line


@pytest.mark.thorough
def test_only_what_begins_so_is_offered(tmp_path: Path) -> None:
    assert completed("bash", ["gitops check -s pro"], tmp_path)[0].split() == ["production"]
    assert stack_names() == ["dev", "production", "staging"]


@pytest.mark.parametrize("shell", ["bash", *(pytest.param(shell, marks=pytest.mark.thorough) for shell in SHELLS[1:])])
def test_the_script_for_each_shell_can_be_shown_and_is_read_by_it(shell: str) -> None:
    environment = {**os.environ, "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}
    command = [
        sys.executable,
        "-c",
        f"import sys; sys.argv = ['gitops', '--show-completion', '{shell}']; from gitops.cli import main; main()",
    ]
    done = subprocess.run(command, env=environment, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "_GITOPS_COMPLETE=complete_" in done.stdout or f"complete_{shell}" in done.stdout
    if found := shutil.which(shell):
        checked = subprocess.run([found, "-n"], input=done.stdout, text=True, capture_output=True, check=False)
        assert checked.returncode == 0, checked.stderr
