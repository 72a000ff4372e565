"""The demo says what `gitops check` found in one line, and does not hide that it could not be run."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

import pytest

from devcluster.commands import demo
from devcluster.messages.errors import DevclusterError
from devcluster.messages.shell_commands import DEMO_HOME, ShellCommands
from devcluster.program.repository_check import check_repositories, described
from gitops.status.conditions import row_of
from gitops.status.row import StatusRow

COMMANDS = ShellCommands(DEMO_HOME)
FINDING = {"severity": "error", "kind": "unreadable", "repository": "homelab-k8s2", "file": "a.sops.yaml", "line": None, "text": "is wrong"}


def test_files_and_findings_are_counted() -> None:
    repositories: list[dict[str, Any]] = [{"files": [{}, {}]}, {"files": []}]
    assert described({"repositories": repositories, "findings": []}) == "repositories checked: 2 files, 0 findings"
    assert described({"repositories": repositories[:1], "findings": [FINDING]}).splitlines() == [
        "repositories checked: 2 files, 1 finding",
        "    error unreadable homelab-k8s2 a.sops.yaml: is wrong",
    ]


def test_a_finding_is_told_with_its_line_and_without_a_blank_where_there_is_no_file() -> None:
    findings = [FINDING | {"line": 3}, FINDING | {"file": ""}]
    assert described({"repositories": [], "findings": findings}).splitlines()[1:] == [
        "    error unreadable homelab-k8s2 a.sops.yaml:3: is wrong",
        "    error unreadable homelab-k8s2: is wrong",
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
    with pytest.raises(DevclusterError, match="could not check the repositories"):
        started(monkeypatch)
    assert "argo" in capsys.readouterr().out


def started(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long `demo.up` waited for Flux, where everything besides the check goes well."""
    waited: list[float] = []
    row = row_of({"apiVersion": "source.toolkit.fluxcd.io/v1", "kind": "GitRepository", "metadata": {"name": "argo", "namespace": "f"}})
    for name in ("cluster_at", "alone", "refuse_unfit_machine", "refuse_missing_repositories", "PulumiStack", "EncryptedFiles"):
        monkeypatch.setattr(demo, name, MagicMock())
    monkeypatch.setattr(demo, "register_generated_keys", lambda *_: ["argo: flux/dev/it/2026-11"])

    def wait(_home: Any, _kube: Any, _outdated: Any, seconds: float) -> list[StatusRow]:
        sys.stderr.write("waiting\n")
        waited.append(seconds)
        return [row]

    monkeypatch.setattr(demo, "wait_until_synced", wait)
    demo.up(DEMO_HOME)
    return waited


@pytest.mark.parametrize(("kind", "seconds"), [("unreadable", 30), ("missing-path", 30), ("plain-secret", 300), ("not-checked", 300)])
def test_what_flux_will_never_make_ready_is_told_before_anybody_waits_for_it(
    kind: str, seconds: float, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    report = json.dumps({"repositories": [], "findings": [{**FINDING, "kind": kind}]})
    monkeypatch.setattr(
        "devcluster.program.repository_check.subprocess.run", lambda command, **_: subprocess.CompletedProcess(command, 1, report, "")
    )
    assert started(monkeypatch) == [seconds]
    before, _, _ = capsys.readouterr().err.partition("waiting")
    assert f"error {kind} homelab-k8s2 a.sops.yaml: is wrong" in before
    assert "registered at argo: flux/dev/it/2026-11" in before
    assert ("Flux cannot make everything ready" in before) is (seconds == 30)


def test_the_command_is_the_one_that_people_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    seen: dict[str, Any] = {}

    def noting(command: list[str], **around: Any) -> Any:
        seen.update(around, command=command)
        return subprocess.CompletedProcess(command, 0, stdout='{"repositories": [], "findings": []}', stderr="")

    monkeypatch.setattr("devcluster.program.repository_check.subprocess.run", noting)
    assert check_repositories({"GITOPS_DEV_CHECK_RECORD": str(tmp_path)}, COMMANDS).text == "repositories checked: 0 files, 0 findings"
    assert seen["command"][1:] == ["-m", "gitops", "check", "--stack", "dev", "--output", "json"]
    assert seen["env"]["GITOPS_DEV_CHECK_RECORD"] == str(tmp_path)
