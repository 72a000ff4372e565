import io
import threading
from pathlib import Path

import pytest

from flux.message import Message
from gitops.doctor import how_to_get as how
from gitops.doctor.check_result import Check, State
from gitops.doctor.demo_requirements import DemoNeeds, check_demo_requirements
from gitops.doctor.how_to_get import how_to_get, how_to_update_python
from gitops.doctor.parallel import SLOW, at_once
from gitops.doctor.programs import python_check
from gitops.doctor.table import render, summary


def test_all_looks_are_taken_and_one_that_hangs_is_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gitops.doctor.parallel.QUIET_SECONDS", 0.0)
    never, said = threading.Event(), io.StringIO()
    found = at_once({"quick": lambda: 1, "slow": lambda: never.wait(60)}, 0.2, said)
    never.set()
    assert found == {"quick": 1, "slow": SLOW}
    assert "looking at" in said.getvalue()
    assert said.getvalue().count("\n") == 1, "a log gets one line"


def test_what_a_look_raises_is_raised() -> None:
    with pytest.raises(ZeroDivisionError):
        at_once({"a": lambda: 1 / 0}, 5, io.StringIO())


@pytest.mark.parametrize(
    ("release", "said"),
    [
        ("ID=debian\n", "Run: sudo apt-get install git"),
        ('ID=linuxmint\nID_LIKE="ubuntu debian"\n', "Run: sudo apt-get install git"),
        ('ID="rocky"\nID_LIKE="rhel centos fedora"\n', "Run: sudo dnf install git"),
    ],
)
def test_the_command_is_that_of_the_platform(release: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "os-release").write_text(release)
    monkeypatch.setattr(how, "OS_RELEASE", tmp_path / "os-release")
    monkeypatch.setattr("sys.platform", "linux")
    assert how_to_get("git") == said


def test_a_platform_that_is_not_known_gets_the_commands_of_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(how, "OS_RELEASE", tmp_path / "nothing")
    monkeypatch.setattr("sys.platform", "linux")
    assert "Debian, Ubuntu: sudo apt-get install git; " in how_to_get("git")
    monkeypatch.setattr("sys.platform", "darwin")
    assert how_to_get("git") == "Run: brew install git"


def test_a_python_that_is_too_old_is_failed_and_one_without_fixes_is_a_warning() -> None:
    assert python_check("program", (3, 10, 9)).state is State.FAILED
    assert python_check("program", (3, 11, 0)).state is State.WARNING, "it lacks security fixes"
    assert python_check("program", (3, 11, 13)).state is State.OK
    assert python_check("program", (3, 14, 0)).state is State.OK


def test_a_python_that_the_distribution_did_not_install_is_updated_by_what_did(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gitops.doctor.how_to_get._platform", lambda: "debian")
    monkeypatch.setattr("sys.base_prefix", "/usr")
    assert how_to_update_python() == "Run: sudo apt-get install python3 python3-venv && rm -rf .venv && make setup"
    monkeypatch.setattr("sys.base_prefix", "/home/you/.pyenv/versions/3.11.2")
    assert "is in /home/you/.pyenv/versions/3.11.2. Install a newer one" in how_to_update_python()
    assert "apt-get" not in how_to_update_python()


def test_a_disk_without_room_for_the_demos_programs_is_failed(tmp_path: Path) -> None:
    needs = DemoNeeds(gigabytes=10**9)
    (disk,) = (check for check in check_demo_requirements(needs, cache=tmp_path / "not" / "yet") if check.name == "disk")
    assert disk.state is State.FAILED
    assert str(tmp_path) in disk.found


def test_the_table_breaks_sentences_and_never_a_command() -> None:
    command = f"Run: {'a ' * 80}"
    told = Message("is not installed", "word " * 30, command)
    checks = [
        Check(group="tools", name="git", state=State.MISSING, message=told),
        Check(group="tools", name="x" * 60, state=State.UNNEEDED, found="not asked"),
    ]
    lines = render(checks, 60).plain.splitlines()
    assert [line for line in lines if len(line) > 62] == [f"             {command}", next(line for line in lines if "xxx" in line)]
    assert lines[1] == "  missing  git  is not installed"
    assert summary(checks) == "1 thing is missing or failed; 0 warnings."
