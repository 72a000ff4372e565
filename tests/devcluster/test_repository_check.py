"""The demo says what `gitops check` found in one line, and does not hide that it could not be run."""

import subprocess
from pathlib import Path
from typing import Any

import pytest

from devcluster.commands import demo
from devcluster.messages.errors import DevclusterError
from devcluster.messages.numbered_steps import NumberedSteps
from devcluster.messages.shell_commands import DEMO_HOME, ShellCommands
from devcluster.program.repository_check import check_repositories, described
from gitops.status.conditions import row_of

COMMANDS = ShellCommands(DEMO_HOME)
FINDING = {"severity": "error", "kind": "unreadable", "repository": "homelab-k8s2", "file": "a.sops.yaml", "line": None, "text": "is wrong"}


def test_files_and_findings_are_counted() -> None:
    repositories: list[dict[str, Any]] = [{"files": [{}, {}]}, {"files": []}]
    assert described({"repositories": repositories, "findings": []}) == "repositories checked: 2 files, 0 findings"
    assert described({"repositories": repositories[:1], "findings": [FINDING]}).splitlines() == [
        "repositories checked: 2 files, 1 finding",
        "    error unreadable homelab-k8s2 a.sops.yaml: is wrong",
    ]


def test_a_check_that_cannot_be_run_is_an_error_with_what_it_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(command: list[str], **_: Any) -> Any:
        return subprocess.CompletedProcess(command, 2, stdout="", stderr="gitops: no such stack\n")

    monkeypatch.setattr("devcluster.program.repository_check.subprocess.run", failing)
    with pytest.raises(DevclusterError, match=r"(?s)exit code 2\)\.\n    gitops: no such stack\n  Flux is .*gitops check --stack dev"):
        check_repositories({}, COMMANDS)


def test_the_table_is_printed_even_if_the_check_cannot_be_run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(
        "devcluster.program.repository_check.subprocess.run", lambda command, **_: subprocess.CompletedProcess(command, 2, "", "gitops: no")
    )
    row = row_of({"apiVersion": "source.toolkit.fluxcd.io/v1", "kind": "GitRepository", "metadata": {"name": "argo", "namespace": "f"}})
    with pytest.raises(DevclusterError, match="could not check the repositories"):
        demo.show([row], {}, COMMANDS, NumberedSteps(1))
    assert "argo" in capsys.readouterr().out


def test_the_command_is_the_one_that_people_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    seen: dict[str, Any] = {}

    def noting(command: list[str], **around: Any) -> Any:
        seen.update(around, command=command)
        return subprocess.CompletedProcess(command, 0, stdout='{"repositories": [], "findings": []}', stderr="")

    monkeypatch.setattr("devcluster.program.repository_check.subprocess.run", noting)
    assert check_repositories({"GITOPS_DEV_CHECK_RECORD": str(tmp_path)}, COMMANDS) == "repositories checked: 0 files, 0 findings"
    assert seen["command"][1:] == ["-m", "gitops", "check", "--stack", "dev", "--output", "json"]
    assert seen["env"]["GITOPS_DEV_CHECK_RECORD"] == str(tmp_path)
