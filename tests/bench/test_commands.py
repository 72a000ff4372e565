"""Commands against the clock."""

import os
import sys
from pathlib import Path

import pytest

from bench import commands
from bench.errors import BenchError


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_a_command_that_fails_shows_its_last_lines_and_what_to_do(tmp_path: Path) -> None:
    code = "import sys; print('\\n'.join(f'line {n}' for n in range(40))); sys.exit(3)"

    with pytest.raises(BenchError, match=r"exited with 3.*\n  line 25\n(.*\n)*  line 39\n.*make bench") as caught:
        commands.run(python(code), directory=tmp_path, environment=os.environ)

    assert "line 24" not in str(caught.value)


def test_an_interrupted_command_takes_its_children_along(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # A provider plugin, say: it would go on working on a cluster that is being removed.
    monkeypatch.setattr(commands, "COMMAND_SECONDS", 3.0)
    child = f"import os, time; open({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}], process_group=0)"

    with pytest.raises(BenchError, match="did not end within 3 s"):
        commands.run(python(parent), directory=tmp_path, environment=os.environ)

    state = Path(f"/proc/{(tmp_path / 'pid').read_text()}/stat")
    assert not state.exists() or state.read_text().rpartition(")")[2].split()[0] == "Z"


def test_a_command_is_timed_from_start_to_end(tmp_path: Path) -> None:
    assert commands.seconds(python("import time; time.sleep(0.2)"), directory=tmp_path, environment=os.environ) >= 0.2
