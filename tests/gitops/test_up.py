"""`gitops up`: what it hands to pulumi, and what it says of a controller that does not come up."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from gitops.cli import app
from gitops.errors import CommandError
from gitops.interrupted_run import clear_pending, remove_leftovers
from gitops.pulumi_cli import StackName
from gitops.state_file import output_in, pending_creates_in, state_content
from gitops.up.app import _explain
from live.flux_objects.controller_faults import ControllerFault
from stacks.inputs.limited_run import LIMITED_RUN
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


def run(monkeypatch: pytest.MonkeyPatch, started: Started, *options: str, state: bytes | None = None) -> int:
    monkeypatch.setattr("gitops.pulumi_cli.subprocess.Popen", started)
    monkeypatch.setattr("gitops.state_file.state_content", lambda *_: state)
    monkeypatch.setattr("gitops.up.app._explain", lambda *_: None)
    monkeypatch.setattr("gitops.interrupted_run.remove_leftovers", lambda *_: [])
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


def test_the_program_is_told_of_options_that_limit_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    started = Started()

    assert run(monkeypatch, started, "--", "--target", "urn:a", "--yes") == 0
    assert started.environment[LIMITED_RUN] == "--target"
    assert run(monkeypatch, started, "--", "--yes") == 0
    assert LIMITED_RUN not in started.environment


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
    monkeypatch.setattr("live.flux_objects.controller_faults.controller_faults", lambda _: [fault])

    _explain(StackName("dev"), REPOSITORY, "v2.8.8")

    assert capsys.readouterr().err.splitlines() == [
        "",
        "Controllers that do not run:",
        "  helm-controller",
        "    reason: FailedCreate: no",
        "The way back to Flux v2.8.8: restore gitops:flux.manifests, add allowDowngrade: true, and run it again.",
    ]
    monkeypatch.setattr("live.flux_objects.controller_faults.controller_faults", lambda _: [])
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
    of_the_lock = stale.with_name("a.json.attrs")
    compressed = attributes.with_name("dev.json.gz.attrs")
    for file in (attributes, of_the_lock, compressed):
        file.touch()

    told = remove_leftovers(StackName("organization/gitops/dev"), REPOSITORY)

    gone = (stale, another_program, of_the_lock, attributes, compressed)
    assert ([file.exists() for file in gone], [file.exists() for file in held]) == ([False] * len(gone), [True] * len(held))
    assert [text.split(" ")[0] for text in told] == ["Removed"] * 4
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
    monkeypatch.setattr("gitops.interrupted_run._is_pulumi", lambda _: True)
    file = lock(tmp_path, "a", pid=1, hostname=socket.gethostname())

    assert remove_leftovers(StackName("dev"), REPOSITORY) == []
    assert file.exists()


def test_a_lock_of_a_killed_pulumi_that_nobody_waited_for_goes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PULUMI_BACKEND_URL", f"file://{tmp_path}")
    program = tmp_path / "pulumi"
    program.symlink_to(shutil.which("sleep") or "sleep")
    running = subprocess.Popen([str(program), "60"])
    file = lock(tmp_path, "a", pid=running.pid, hostname=socket.gethostname())
    try:
        assert remove_leftovers(StackName("dev"), REPOSITORY) == []
    finally:
        running.kill()
    while " Z " not in Path(f"/proc/{running.pid}/stat").read_text():
        time.sleep(0.01)

    assert len(remove_leftovers(StackName("dev"), REPOSITORY)) == 1
    assert not file.exists()
    running.wait()


def test_a_backend_elsewhere_is_left_to_pulumi(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_BACKEND_URL", "s3://bucket")

    assert remove_leftovers(StackName("dev"), REPOSITORY) == []


def state(*pending: str) -> dict[str, Any]:
    resources = [{"type": "kubernetes:core/v1:Secret"}, {"type": "pulumi:pulumi:Stack", "outputs": {"fluxVersion": "v2.7.0"}}]
    return {"resources": resources, "pending_operations": [{"type": each, "resource": {"urn": f"urn:{each}"}} for each in pending]}


def test_the_state_before_a_run_is_read_from_the_file_without_a_pulumi_and_asked_for_elsewhere(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked: list[tuple[str, ...]] = []

    def ask(*arguments: str, **_: object) -> str:
        asked.append(arguments)
        return json.dumps({"version": 3, "deployment": state("creating")})

    monkeypatch.setattr("gitops.state_file.pulumi_says", ask)
    monkeypatch.setenv("PULUMI_BACKEND_URL", f"file://{tmp_path}")
    file = tmp_path / ".pulumi" / "stacks" / "gitops" / "dev.json"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps({"version": 3, "checkpoint": {"latest": state("creating", "updating", "creating")}}))

    before = state_content(StackName("organization/gitops/dev"), REPOSITORY)
    assert before is not None
    file.write_text("the run wrote another one")
    assert (output_in(before, "fluxVersion"), pending_creates_in(before), asked) == ("v2.7.0", 2, [])
    assert (output_in(file.read_bytes(), "fluxVersion"), pending_creates_in(file.read_bytes())) == (None, 0)

    file.rename(file.with_suffix(".json.gz"))
    monkeypatch.setenv("PULUMI_BACKEND_URL", "s3://bucket")
    elsewhere = state_content(StackName("dev"), REPOSITORY)
    assert elsewhere is not None
    assert (output_in(elsewhere, "fluxVersion"), pending_creates_in(elsewhere)) == ("v2.7.0", 1)
    assert asked == [("stack", "export", "--stack", "dev")]


@pytest.mark.parametrize("url", ["file://[x", "file://[::1", "file://~nobody-of-this-name/x", "file:///a%00b", "file://"])
def test_a_backend_whose_url_is_odd_is_asked_of_pulumi(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gitops.state_file.pulumi_says", lambda *_, **__: "{}")
    monkeypatch.setenv("PULUMI_BACKEND_URL", url)
    assert state_content(StackName("organization/gitops/dev"), REPOSITORY) == b"{}"


@pytest.mark.parametrize(("code", "cleared"), [(0, [StackName("dev")]), (255, [])])
def test_creations_that_an_interrupted_run_left_pending_are_cleared_once_up_has_succeeded(
    monkeypatch: pytest.MonkeyPatch, code: int, cleared: list[StackName]
) -> None:
    asked: list[StackName] = []

    def clear(stack: StackName, _: Path) -> int:
        asked.append(stack)
        return 2

    monkeypatch.setattr("gitops.interrupted_run.clear_pending_creates", clear)
    before = json.dumps({"version": 3, "checkpoint": {"latest": state("creating")}}).encode()

    assert run(monkeypatch, Started(code), state=before) == code
    assert asked == cleared
    assert run(monkeypatch, Started(code), state=json.dumps({"checkpoint": {"latest": state("deleting")}}).encode()) == code
    assert asked == cleared


def test_pending_creations_that_cannot_be_cleared_are_told_and_fail_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> int:
        raise CommandError("`pulumi stack import` failed")

    monkeypatch.setattr("gitops.interrupted_run.clear_pending_creates", refuse)
    before = json.dumps({"deployment": state("creating")}).encode()

    assert "keeps the pending operations of the interrupted run" in (clear_pending(StackName("dev"), REPOSITORY, before) or "")
    assert run(monkeypatch, Started(), state=before) == 0
