"""`gitops up`: what it hands to pulumi, and what it says of a controller that does not come up."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from gitops.cli import app
from gitops.pulumi_cli import StackName
from gitops.up.app import _explain, _flux_version_now
from gitops.up.interrupted import remove_leftovers
from live.controller_faults import ControllerFault
from tests.engine import REPOSITORY


class Started:
    """What was started, instead of pulumi."""

    def __init__(self, code: int = 0, interrupts: int = 0) -> None:
        self.interrupts, self.ended = interrupts, False
        self.code, self.command, self.environment = code, [], {}  # type: ignore[var-annotated]

    def __call__(self, command: list[str], *, cwd: Path, env: dict[str, str]) -> "Started":
        self.command, self.environment = command, env
        return self

    def __enter__(self) -> "Started":
        return self

    def __exit__(self, *_: object) -> None:
        assert self.ended, "what ends the `with` early would wait for it without looking at Ctrl-C"

    def wait(self) -> int:
        if self.interrupts:
            self.interrupts -= 1
            raise KeyboardInterrupt
        self.ended = True
        return self.code


def run(monkeypatch: pytest.MonkeyPatch, started: Started, *options: str) -> int:
    monkeypatch.setattr("gitops.pulumi_cli.subprocess.Popen", started)
    monkeypatch.setattr("gitops.up.app._flux_version_now", lambda *_: lambda: "v2.9.4")
    monkeypatch.setattr("gitops.up.app._explain", lambda *_: None)
    monkeypatch.setattr("gitops.up.interrupted.remove_leftovers", lambda *_: [])
    return CliRunner().invoke(app, ["up", "--stack", "dev", *options]).exit_code


def test_pulumi_gets_what_stands_after_the_dashes_and_its_exit_code_is_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    started = Started(code=5)

    assert run(monkeypatch, started, "--", "--yes", "--skip-preview") == 5
    assert started.command == ["pulumi", "up", "--stack", "dev", "--yes", "--skip-preview"]
    assert "PULUMI_SKIP_CHECKPOINTS" not in started.environment


def test_ctrl_c_leaves_pulumi_the_time_to_end_its_steps_and_to_write_the_state(monkeypatch: pytest.MonkeyPatch) -> None:
    started = Started(code=255, interrupts=2)

    assert run(monkeypatch, started, "--fast") == 255
    assert started.ended


def test_fast_writes_no_checkpoints(monkeypatch: pytest.MonkeyPatch) -> None:
    started = Started()

    assert run(monkeypatch, started, "--fast") == 0
    assert (started.environment["PULUMI_EXPERIMENTAL"], started.environment["PULUMI_SKIP_CHECKPOINTS"]) == ("true", "true")


def test_a_failed_run_ends_with_the_controllers_that_do_not_run_and_the_way_back(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fault = ControllerFault(controller="helm-controller", version="v2.9.4", reasons=("FailedCreate: no",), events=(), pods=())
    monkeypatch.setattr("gitops.pulumi_state.read_state", lambda *_: None)
    monkeypatch.setattr("gitops.pulumi_state.target_of", lambda *_: None)
    monkeypatch.setattr("live.controller_faults.controller_faults", lambda _: [fault])

    _explain(StackName("dev"), REPOSITORY, "v2.8.8")

    assert capsys.readouterr().err.splitlines() == [
        "",
        "Controllers that do not run:",
        "  helm-controller",
        "    reason: FailedCreate: no",
        "The way back to Flux v2.8.8: restore gitops:flux.manifests, add allowDowngrade: true, and run it again.",
    ]
    monkeypatch.setattr("live.controller_faults.controller_faults", lambda _: [])
    _explain(StackName("dev"), REPOSITORY, "v2.8.8")
    assert capsys.readouterr().err == "", "it failed for another reason, which pulumi has said"


def lock(folder: Path, name: str, **content: Any) -> Path:
    file = folder / ".pulumi" / "locks" / "organization" / "gitops" / "dev" / f"{name}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(content))
    return file


def test_what_a_killed_run_left_goes_and_a_lock_that_may_be_held_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_BACKEND_URL", f"file://{tmp_path}")
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    here = socket.gethostname()
    stale = lock(tmp_path, "a", pid=ended.pid, hostname=here)
    another_program = lock(tmp_path, "b", pid=os.getpid(), hostname=here)
    held = [lock(tmp_path, "c", pid=ended.pid, hostname="another-machine"), lock(tmp_path, "d", pid="x"), lock(tmp_path, "e")]
    attributes = tmp_path / ".pulumi" / "stacks" / "gitops" / "dev.json.attrs"
    attributes.parent.mkdir(parents=True)
    attributes.touch()

    told = remove_leftovers(StackName("organization/gitops/dev"), REPOSITORY)

    assert [stale.exists(), another_program.exists(), *(file.exists() for file in held), attributes.exists()] == [
        False,
        False,
        True,
        True,
        True,
        False,
    ]
    assert [text.split(" ")[0] for text in told] == ["Removed"] * 3
    assert remove_leftovers(StackName("dev"), REPOSITORY) == []


def test_empty_attributes_of_a_compressed_state_go_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_BACKEND_URL", f"file://{tmp_path}")
    stacks = tmp_path / ".pulumi" / "stacks" / "gitops"
    stacks.mkdir(parents=True)
    files = {name: stacks / name for name in ("dev.json.gz.attrs", "dev.json.gz", "dev2.json.gz.attrs")}
    for file in files.values():
        file.touch()

    assert len(remove_leftovers(StackName("dev"), REPOSITORY)) == 1
    assert [name for name, file in files.items() if file.exists()] == ["dev.json.gz", "dev2.json.gz.attrs"]


def test_a_lock_of_a_running_pulumi_is_held(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PULUMI_BACKEND_URL", f"file://{tmp_path}")
    monkeypatch.setattr("gitops.up.interrupted._is_pulumi", lambda _: True)
    file = lock(tmp_path, "a", pid=1, hostname=socket.gethostname())

    assert remove_leftovers(StackName("dev"), REPOSITORY) == []
    assert file.exists()


def test_a_backend_elsewhere_is_left_to_pulumi(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_BACKEND_URL", "s3://bucket")

    assert remove_leftovers(StackName("dev"), REPOSITORY) == []


def test_the_release_before_a_failed_run_is_read_from_the_file_without_a_pulumi_and_asked_for_elsewhere(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked: list[str] = []

    def ask(*_: object) -> str:
        asked.append("pulumi")
        return "v2.8.8"

    monkeypatch.setattr("gitops.up.app._flux_version", ask)
    monkeypatch.setenv("PULUMI_BACKEND_URL", f"file://{tmp_path}")
    file = tmp_path / ".pulumi" / "stacks" / "gitops" / "dev.json"
    file.parent.mkdir(parents=True)
    resources = [{"type": "kubernetes:core/v1:Secret"}, {"type": "pulumi:pulumi:Stack", "outputs": {"fluxVersion": "v2.7.0"}}]
    file.write_text(json.dumps({"version": 3, "checkpoint": {"latest": {"resources": resources}}}))

    before = _flux_version_now(StackName("organization/gitops/dev"), REPOSITORY)
    file.write_text("the run wrote another one")
    assert (before(), asked) == ("v2.7.0", [])

    assert (_flux_version_now(StackName("dev"), REPOSITORY)(), asked) == (None, [])
    file.rename(file.with_suffix(".json.gz"))
    assert (_flux_version_now(StackName("dev"), REPOSITORY)(), asked) == ("v2.8.8", ["pulumi"])
    monkeypatch.setenv("PULUMI_BACKEND_URL", "s3://bucket")
    assert (_flux_version_now(StackName("dev"), REPOSITORY)(), asked) == ("v2.8.8", ["pulumi", "pulumi"])
