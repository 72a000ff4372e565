"""Running Pulumi for the demo: the real CLI on the clone's own program, in the environment of the embedded cluster."""

import json
import os
import re
import subprocess
from collections.abc import Callable, Mapping
from typing import Any

from devcluster.control_plane.kube_client import Kube
from devcluster.machine.home import Home
from devcluster.messages.errors import DevclusterError, last_lines
from devcluster.messages.shell_commands import CLONE
from devcluster.program.pulumi_repair import remove_locks_of_the_dead, take_back_half_made
from gitops.deploy_keys.titles import KeyTitles, key_titles
from gitops.project import project_name

STACK = "dev"
LINES_SHOWN = 30


class PulumiStack:
    """The stack `dev` of the program in this clone, with its state in the home."""

    def __init__(self, home: Home, environment: Mapping[str, str]) -> None:
        """Run with `environment` added to the caller's own."""
        self.home = home
        self._environment = os.environ | dict(environment)
        self.log = home.logs / "pulumi-up.log"

    def up(self, kube: Kube, progress: Callable[[int], None] = lambda _: None) -> str:
        """`pulumi up` on the cluster that `kube` reaches; what changed, in one line. Raises DevclusterError with Pulumi's last lines.

        `progress` is called now and then with the number of resources that are done.
        """
        remove_locks_of_the_dead(self.home.directory / "state")
        self._run("stack", "select", STACK, "--create")
        self._go_on_from_a_kill(kube)
        with self.log.open("wb") as output:
            command = ["pulumi", "up", "--stack", STACK, "--yes", "--skip-preview", "--non-interactive", "--color", "never"]
            started = subprocess.Popen(command, cwd=CLONE, env=self._environment, stdout=output, stderr=output)
            code = self._wait(started, progress)
        printed = self.log.read_text(errors="replace").rstrip()
        if code != 0:
            raise DevclusterError(
                f"`pulumi up` failed (exit code {code})",
                "Its state records what it did until then.",
                f"Its output is in {self.log}. To continue: {self.home.commands.up}",
                said=last_lines(printed, LINES_SHOWN),
            )
        return changes(printed)

    def output(self, name: str) -> Any:
        """The value of one output of the stack."""
        return json.loads(self._run("stack", "output", name, "--stack", STACK, "--json"))

    def outputs(self) -> dict[str, Any]:
        """All outputs of the stack; a secret one is no more than that."""
        found: dict[str, Any] = json.loads(self._run("stack", "output", "--stack", STACK, "--json"))
        return found

    def key_titles(self) -> KeyTitles:
        """The titles of the stack's deploy keys, as `gitops deploy-key` writes them."""
        return key_titles(STACK, project_name(CLONE), self._run)

    def _go_on_from_a_kill(self, kube: Kube) -> None:
        repaired = take_back_half_made(kube, json.loads(self._run("stack", "export", "--stack", STACK)))
        if repaired is not None:
            self._run("stack", "import", "--stack", STACK, stdin=json.dumps(repaired))

    def _run(self, *arguments: str, stdin: str = "") -> str:
        command = ["pulumi", *arguments, "--non-interactive"]
        done = subprocess.run(command, cwd=CLONE, env=self._environment, input=stdin, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise DevclusterError(
                f"`pulumi {' '.join(arguments)}` failed (exit code {done.returncode})",
                "The stack cannot be applied.",
                f"To try again: {self.home.commands.up}",
                said=last_lines(done.stderr.strip() or done.stdout, LINES_SHOWN),
            )
        return done.stdout

    def _wait(self, process: "subprocess.Popen[bytes]", progress: Callable[[int], None]) -> int:
        try:
            while True:
                try:
                    return process.wait(timeout=1.0)
                except subprocess.TimeoutExpired:
                    progress(resources_done(self.log.read_text(errors="replace")))
        except KeyboardInterrupt:
            # The terminal sent it to Pulumi too, which now finishes its running steps; killed, it would leave a locked stack.
            process.wait()
            raise


def resources_done(printed: str) -> int:
    """How many resources `pulumi up` has made, changed or removed, from what it has printed so far."""
    return len(re.findall(r" (?:created|updated|replaced|deleted) \(", printed))


def changes(printed: str) -> str:
    """From what `pulumi up` printed: `55 created`, `2 updated, 57 unchanged`."""
    _, _, after = printed.partition("\nResources:\n")
    # With several kinds of changes their sum stands before what is unchanged: "11 changes. 65 unchanged".
    lines = [line.strip().lstrip("+-~ ").rpartition("changes. ")[2] for line in after.partition("\n\n")[0].splitlines()]
    return ", ".join(line for line in lines if line) or "nothing to do"
