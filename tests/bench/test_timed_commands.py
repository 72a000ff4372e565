"""Commands against the clock."""

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench import timed_commands
from bench.errors import BenchError
from devcluster.machine.processes import StartedProcess


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_a_command_that_fails_shows_its_last_lines_and_what_to_do(tmp_path: Path) -> None:
    code = "import sys; print('\\n'.join(f'line {n}' for n in range(40))); sys.exit(3)"

    with pytest.raises(BenchError, match=r"exited with 3.*\n    line 25\n(.*\n)*    line 39\n.*\n.*make bench") as caught:
        timed_commands.measured(python(code), directory=tmp_path, environment=os.environ)

    assert "line 24" not in str(caught.value)


def test_a_command_that_does_not_end_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timed_commands, "COMMAND_SECONDS", 1.0)

    with pytest.raises(BenchError, match="did not end within 1 s"):
        timed_commands.measured(python("import time; time.sleep(60)"), directory=tmp_path, environment=os.environ)


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Ctrl-C works, even where these tests run in the background: a shell without job control has such commands ignore SIGINT."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.thorough
@pytest.mark.usefixtures("interruptible")
def test_an_interrupted_command_takes_its_children_along(tmp_path: Path) -> None:
    # A provider plugin, say: it would go on working on a cluster that is being removed.
    child = f"import os, time; open({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    apart = "process_group=0, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}], {apart})"
    threading.Thread(target=interrupt_once, args=(tmp_path / "pid",), daemon=True).start()

    with pytest.raises(KeyboardInterrupt):
        timed_commands.measured(python(parent), directory=tmp_path, environment=os.environ)

    pid = int((tmp_path / "pid").read_text())
    deadline = time.monotonic() + 30  # a busy machine takes its time to remove what it killed
    while StartedProcess.of(pid):
        assert time.monotonic() < deadline, "the child outlived the command"
        time.sleep(0.02)


def interrupt_once(there: Path) -> None:
    """As Ctrl-C does, when the file has been written."""
    while not (there.exists() and there.read_text()):
        time.sleep(0.02)
    os.kill(os.getpid(), signal.SIGINT)


def test_a_command_is_timed_from_start_to_end(tmp_path: Path) -> None:
    assert timed_commands.measured(python("import time; time.sleep(0.2)"), directory=tmp_path, environment=os.environ).took.seconds >= 0.2
