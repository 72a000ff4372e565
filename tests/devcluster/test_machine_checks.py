"""What the doctor finds missing is shown before the demo starts anything."""

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from devcluster.__main__ import needs
from devcluster.commands import machine_checks
from devcluster.commands.machine_checks import demo_needs, refuse_unfit_machine
from devcluster.messages.errors import DevclusterError
from devcluster.toolchain.tool import all_tools
from flux.message import Message
from gitops.doctor.demo_requirements import DemoNeeds


@dataclass(frozen=True)
class Check:
    name: str
    state: str
    message: Message | None = None


GIT = Check("git", "missing", Message("is not on PATH", "Gitea needs it.", "Install it."))
GCC = Check("gcc", "missing", Message("is not on PATH", "Gitea's database is compiled with it.", "Install it."))


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A doctor whose checks a test sets, in place of the real one; the room that it was asked for."""
    seen: list[float] = []

    def requirements(needs: DemoNeeds) -> list[Check]:
        seen.append(needs.gigabytes)
        return [Check("python", "ok"), GIT, *([GCC] if needs.builds else [])]

    monkeypatch.setattr(machine_checks, "check_demo_requirements", requirements)
    monkeypatch.setattr(machine_checks, "BUILD_GIGABYTES", 15.0)
    monkeypatch.setattr(machine_checks, "RUN_GIGABYTES", 2.0)
    return seen


def test_everything_that_is_missing_is_told_at_once(asked: list[float], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(machine_checks, "missing_tools", all_tools)
    for variable in ("GITOPS_CACHE", "GITOPS_BUILD_DIRECTORY"):
        monkeypatch.setenv(variable, str(tmp_path))
    with pytest.raises(DevclusterError) as told:
        refuse_unfit_machine()
    assert str(told.value).splitlines() == [
        "this machine cannot run the demo: git, gcc.",
        "    git is not on PATH. Gitea needs it. Install it.",
        "    gcc is not on PATH. Gitea's database is compiled with it. Install it.",
        "  Nothing was started.",
        "  Fix that, then check again: .venv/bin/gitops doctor --demo",
    ]
    assert asked == [15.0]


def test_a_build_in_memory_needs_as_little_disk_as_none(asked: list[float], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(machine_checks, "missing_tools", all_tools)
    monkeypatch.setenv("GITOPS_CACHE", str(tmp_path))
    monkeypatch.setenv("GITOPS_BUILD_DIRECTORY", str(tmp_path / "memory"))
    with pytest.raises(DevclusterError):
        refuse_unfit_machine()
    assert asked == [2.0]


def test_the_doctor_is_told_the_same_by_a_command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    for missing in (list, all_tools):
        monkeypatch.setattr(machine_checks, "missing_tools", missing)
        needs()
        told = DemoNeeds(**json.loads(capsys.readouterr().out))
        assert (told, told.builds) == (demo_needs(), missing is all_tools)


def test_what_only_a_build_needs_is_not_asked_for_once_all_is_built(asked: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine_checks, "missing_tools", list)
    with pytest.raises(DevclusterError, match="cannot run the demo: git\\.\n"):
        refuse_unfit_machine()
    assert asked == [2.0]
