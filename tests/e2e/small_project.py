"""A small Pulumi project with the real engine: a secret of the configuration, and a generated one. It needs no cluster."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from devcluster.machine.home import Home
from devcluster.machine.processes import end
from devcluster.program.pulumi_processes import pulumi_processes
from devcluster.program.shell_environment import search_path
from devcluster.toolchain.plugins import prepare_pulumi
from tests.e2e.running_stack import Finished
from tests.engine import AMBIENT

PROJECT = "name: gitops\nruntime: python\n"
PROGRAM = """\
import os
import time
from pathlib import Path

import pulumi
from pulumi_random import RandomPassword

pulumi.export("given", pulumi.Config().require_secret("token"))
pulumi.export("made", RandomPassword("made", length=32).result)
while (held := os.environ.get("HELD_BY")) and not pulumi.runtime.is_dry_run() and Path(held).exists():
    Path(f"{held}.reached").touch()
    time.sleep(0.05)
"""
SECONDS = 120


class SmallProject:
    """Stack `production` of the project in a folder, and the commands on it."""

    def __init__(self, folder: Path, login: Mapping[str, str]) -> None:
        """Write the project; nothing runs yet. `login`: further variables of the person's shell."""
        self.folder, self._home = folder / "project", Home(directory=folder / "home", name="small")
        self.folder.mkdir(parents=True)
        self._home.make()
        (self.folder / "Pulumi.yaml").write_text(PROJECT)
        (self.folder / "__main__.py").write_text(PROGRAM)
        programs = prepare_pulumi(self._home.pulumi, download=False)
        kept = {name: value for name, value in os.environ.items() if not name.startswith((*AMBIENT, "AWS_"))}
        own = {"PULUMI_HOME": str(self._home.pulumi), "PULUMI_SKIP_UPDATE_CHECK": "true", "HOME": str(self._home.directory)}
        self.environment = {**kept, **own, **programs.environment, **login, "PATH": search_path(programs.cli, os.environ["PATH"])}

    @property
    def stack_file(self) -> Path:
        """The stack's file."""
        return self.folder / "Pulumi.production.yaml"

    def start(self, *command: str, **variables: str) -> "subprocess.Popen[str]":
        """Start a command in the project."""
        return subprocess.Popen(
            [sys.executable, "-m", "gitops", *command[1:]] if command[0] == "gitops" else command,
            cwd=self.folder,
            env=self.environment | variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, *command: str, expect: int | None = 0, **variables: str) -> Finished:
        """Run a command to its end; fails unless the exit code is as expected."""
        with self.start(*command, **variables) as running:
            printed, _ = running.communicate(timeout=SECONDS)
        assert expect is None or running.returncode == expect, f"{' '.join(command)} exited with {running.returncode}:\n{printed}"
        return Finished(running.returncode, printed)

    def shell(self, script: str, said: str = "", **variables: str) -> str:
        """What the lines of a page print, with `said` on stdin."""
        command = ["bash", "-euo", "pipefail", "-c", script]
        environment = self.environment | variables
        done = subprocess.run(
            command, cwd=self.folder, env=environment, input=said, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            timeout=SECONDS, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{script}\nexited with {done.returncode}:\n{done.stdout}"
        return done.stdout

    def shows_no_change(self, **variables: str) -> None:
        """A preview has nothing to do, and the secrets have the values that they always had."""
        self.run("pulumi", "preview", "--stack", "production", "--non-interactive", "--expect-no-changes", expect=0, **variables)

    def values(self, **variables: str) -> str:
        """The two secrets, in plain text."""
        return self.run("pulumi", "stack", "output", "--stack", "production", "--json", "--show-secrets", expect=0, **variables).printed

    def held_up(self, held: Path, **variables: str) -> "subprocess.Popen[str]":
        """A `gitops up` that has reached the middle of its program, and stays there while `held` exists."""
        Path(f"{held}.reached").unlink(missing_ok=True)
        held.touch()
        running = self.start("gitops", "up", "-s", "production", "--", *QUIET, HELD_BY=str(held), **variables)
        until = time.monotonic() + SECONDS
        while not Path(f"{held}.reached").exists():
            assert running.poll() is None, running.communicate()[0]
            assert time.monotonic() < until
            time.sleep(0.05)
        return running

    def end_everything(self) -> None:
        """End what still runs of Pulumi, as a language host does whose CLI was killed."""
        end(pulumi_processes(self._home))


QUIET = ("--yes", "--skip-preview", "--non-interactive", "--color", "never")
