"""A process of Pulumi that works in a home ends with it, whoever started it; nothing else does."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from devcluster.embedded_cluster import Devcluster
from devcluster.machine.home import Home
from devcluster.program.pulumi_processes import pulumi_processes

pytestmark = pytest.mark.thorough

Start = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(directory=tmp_path / "home", name="unit")
    made.make()
    return made


@pytest.fixture
def start() -> Iterator[Start]:
    """Start something that lasts, under a name, with a PULUMI_HOME, as a person's shell would."""
    started: list[subprocess.Popen[bytes]] = []

    def start(*words: str, pulumi: Path) -> "subprocess.Popen[bytes]":
        command = [*words, "-c", "print(flush=True); import time; time.sleep(60)"] if len(words) == 1 else list(words)
        process = subprocess.Popen(
            command,
            executable=sys.executable,
            env={"PATH": os.environ["PATH"], "PULUMI_HOME": str(pulumi)},
            stdout=subprocess.PIPE,
            process_group=0,
        )
        started.append(process)
        assert process.stdout is not None
        process.stdout.readline()  # before it says something it may still be a copy of this process
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def found(home: Home) -> set[int]:
    return {process.pid for process in pulumi_processes(home)}


@pytest.mark.parametrize("name", ["pulumi", "pulumi-language-python", "plugins/pulumi-resource-kubernetes"])
def test_a_language_host_that_outlived_its_pulumi_ends_with_the_home(name: str, home: Home, start: Start) -> None:
    ours = start(name, pulumi=home.pulumi)
    other = start(name, pulumi=home.directory.parent / "another" / "pulumi")
    assert found(home) == {ours.pid}
    Devcluster(home.directory, "unit").stop()
    assert ours.wait(timeout=10) != 0
    assert other.poll() is None, "another home's, or the person's own"
    assert not home.directory.exists()


def test_a_program_and_a_stand_in_are_told_by_what_their_python_runs(home: Home, start: Start) -> None:
    script = home.directory / "tmp" / "pulumi-language-python-exec"
    script.write_text("print(flush=True); import time; time.sleep(60)")
    program = start("python3", str(script), pulumi=home.pulumi)
    assert found(home) == {program.pid}


def test_an_editor_or_a_shell_with_the_same_environment_is_left_alone(home: Home, start: Start) -> None:
    start("bash", pulumi=home.pulumi)
    start("vim-pulumi", pulumi=home.pulumi)
    start("python3", pulumi=home.pulumi)
    assert found(home) == set()
