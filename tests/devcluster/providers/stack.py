"""A small Pulumi program run by the real engine, with a state of its own."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from devcluster.toolchain.plugins import PulumiPrograms

PRELUDE = """
import json, os
import pulumi
import pulumi_kubernetes as k8s
import pulumi_random as random

def cluster(name="cluster", **settings):
    return k8s.Provider(name, kubeconfig=open(os.environ["KUBECONFIG"]).read(), **settings)

def on(provider, **options):
    return pulumi.ResourceOptions(provider=provider, **options)
"""


@dataclass(frozen=True)
class Outcome:
    """How a command ended and all that it printed."""

    code: int
    text: str


class Stack:
    """One program, whose text may change between two commands, and its stack."""

    def __init__(self, directory: Path, programs: PulumiPrograms, home: Path, kubeconfig: Path) -> None:
        self.directory = directory
        self._cli = programs.cli
        self.environment = {
            "HOME": str(directory),
            "PATH": f"{programs.cli.parent}:{Path(sys.executable).parent}:{os.environ['PATH']}",
            "KUBECONFIG": str(kubeconfig),
            "PULUMI_HOME": str(home),
            "PULUMI_BACKEND_URL": f"file://{directory / 'state'}",
            "PULUMI_CONFIG_PASSPHRASE": "only for this test",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            **programs.environment,
        }
        (directory / "state").mkdir(parents=True)
        (directory / "Pulumi.yaml").write_text("name: small\nruntime: python\n")
        self._pulumi("stack", "init", "dev")

    def program(self, text: str) -> None:
        (self.directory / "__main__.py").write_text(PRELUDE + text)

    def up(self, text: str, *arguments: str) -> Outcome:
        self.program(text)
        return self._pulumi("up", "--yes", "--skip-preview", *arguments)

    def preview(self, text: str, *arguments: str) -> Outcome:
        self.program(text)
        return self._pulumi("preview", "--diff", *arguments)

    def refresh(self) -> Outcome:
        return self._pulumi("refresh", "--yes", "--skip-preview", "--diff")

    def destroy(self) -> Outcome:
        return self._pulumi("destroy", "--yes", "--skip-preview")

    def start(self, *command: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [self._cli, *command, "--non-interactive", "--color", "never"],
            cwd=self.directory,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def _pulumi(self, *command: str) -> Outcome:
        running = self.start(*command)
        try:
            text, _ = running.communicate(timeout=120)
        except subprocess.TimeoutExpired:
            running.kill()
            text, _ = running.communicate()
            raise AssertionError(f"pulumi {' '.join(command)} did not end:\n{text}") from None
        return Outcome(running.returncode, text)

    def state_text(self) -> str:
        files = (self.directory / "state" / ".pulumi" / "stacks").rglob("*.json")
        return "".join(file.read_text() for file in files)

    def state(self) -> dict[str, dict[str, Any]]:
        """Resources of the state by their logical name."""
        (file,) = (self.directory / "state" / ".pulumi" / "stacks").rglob("dev.json")
        resources = json.loads(file.read_text())["checkpoint"]["latest"].get("resources") or []
        return {resource["urn"].rpartition("::")[2]: resource for resource in resources}
