"""What a shell asks when Tab is pressed, and what `gitops` answers, in a process of its own."""

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


def completed(shell: str, line: str, kubeconfig: Path) -> str:
    words = line.split(" ")
    asked = {
        "bash": {"COMP_WORDS": "\n".join(words), "COMP_CWORD": str(len(words) - 1)},
        "zsh": {"_TYPER_COMPLETE_ARGS": line},
        "fish": {"_TYPER_COMPLETE_ARGS": line, "_TYPER_COMPLETE_FISH_ACTION": "get-args"},
    }[shell]
    environment = {**os.environ, **asked, "_GITOPS_COMPLETE": f"complete_{shell}", "KUBECONFIG": str(kubeconfig)}
    command = [sys.executable, "-c", "import sys; sys.argv = ['gitops']; from gitops.cli import main; main()"]
    done = subprocess.run(command, env=environment, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr, done.stderr
    return done.stdout


@pytest.mark.parametrize(("shell", "line", "offered"), [("bash", *each) for each in LINES] + [(shell, *LINES[3]) for shell in SHELLS[1:]])
def test_a_shell_completes(shell: str, line: str, offered: str, tmp_path: Path) -> None:
    kubeconfig = write_kubeconfig(tmp_path / "config", "https://127.0.0.1:9")
    assert offered in completed(shell, line, kubeconfig)


def test_only_what_begins_so_is_offered(tmp_path: Path) -> None:
    assert completed("bash", "gitops check -s pro", tmp_path / "none").split() == ["production"]
    assert stack_names() == ["dev", "production", "staging"]


@pytest.mark.parametrize("shell", SHELLS)
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
