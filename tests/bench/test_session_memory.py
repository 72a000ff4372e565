"""The memory of a command is that of all its processes, and of a Pulumi program beside them."""

import os
import sys
from pathlib import Path

import pytest

from bench.session_memory import MEGABYTE, PROGRAM, SessionMemory
from bench.timed_commands import measured

MEGABYTES = 60


@pytest.mark.thorough
def test_a_program_is_counted_alone_and_with_what_it_is_run_by(tmp_path: Path) -> None:
    program = tmp_path / PROGRAM
    program.write_text(f"import time; taken = b'x' * {MEGABYTES * MEGABYTE}; time.sleep(0.4)")
    command = [sys.executable, "-c", f"import subprocess, sys; subprocess.run([sys.executable, {str(program)!r}])"]

    ran = measured(command, directory=tmp_path, environment=os.environ)

    assert MEGABYTES < ran.memory.program < ran.memory.altogether


def test_processes_of_other_sessions_are_not_counted() -> None:
    with SessionMemory(session=-1) as peak:
        pass

    assert (peak.program, peak.altogether) == (0.0, 0.0)
