"""Only a process that was started here is ever ended."""

import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from devcluster.machine.processes import StartedProcess, end, spawn

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)",
]


def process_of(process: "subprocess.Popen[bytes]") -> StartedProcess:
    found = StartedProcess.of(process.pid)
    assert found is not None
    return found


def started(command: list[str], folder: Path) -> "subprocess.Popen[bytes]":
    return spawn(command, environment={"PATH": os.environ["PATH"]}, log=folder / "log", directory=folder)


def test_a_process_is_known_by_its_start_and_not_by_its_pid_alone(tmp_path: Path) -> None:
    process = started(SLEEP, tmp_path)
    try:
        identity = process_of(process)
        same_pid_later = replace(identity, started=identity.started + 1)
        same_pid_after_reboot = replace(identity, boot="another")
        end([same_pid_later, same_pid_after_reboot])
        assert process.poll() is None, "a recorded pid that now belongs to another process must be left alone"
        assert identity.alive
    finally:
        process.kill()
        process.wait()


def test_a_record_survives_being_written_and_read(tmp_path: Path) -> None:
    identity = StartedProcess.of(os.getpid())
    assert identity is not None
    identity.write(tmp_path / "record.json")
    assert StartedProcess.read(tmp_path / "record.json") == identity
    (tmp_path / "record.json").write_text("{half")
    assert StartedProcess.read(tmp_path / "record.json") is None
    assert StartedProcess.read(tmp_path / "absent.json") is None


@pytest.mark.thorough
def test_a_process_that_will_not_end_is_killed(tmp_path: Path) -> None:
    process = started(STUBBORN, tmp_path)
    while not (tmp_path / "log").read_bytes():
        time.sleep(0.01)
    identity = process_of(process)
    end([identity], patience=0.2)
    assert not identity.alive
    process.wait()


@pytest.mark.thorough
def test_a_dead_process_is_dead_even_while_its_parent_has_not_looked(tmp_path: Path) -> None:
    process = started([sys.executable, "-c", ""], tmp_path)
    identity = StartedProcess.of(process.pid)
    until = time.monotonic() + 10
    while identity is not None and identity.alive and time.monotonic() < until:
        time.sleep(0.01)
    assert StartedProcess.of(process.pid) is None
    process.wait()


@pytest.mark.thorough
def test_a_child_does_not_outlive_the_one_who_started_it(tmp_path: Path) -> None:
    script = (
        "import os, sys, time; from pathlib import Path; from devcluster.machine.processes import spawn\n"
        f"p = spawn({SLEEP!r}, environment=os.environ, log=Path(sys.argv[1]), directory=Path('.'))\n"
        "print(p.pid, flush=True); time.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", script, str(tmp_path / "log")], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    with parent.stdout:
        child = StartedProcess.of(int(parent.stdout.readline()))
    assert child is not None
    parent.kill()
    parent.wait()
    until = time.monotonic() + 10
    while child.alive and time.monotonic() < until:
        time.sleep(0.02)
    assert not child.alive, "a supervisor that is killed must not leave controllers behind"
