"""The three that are compared, and what of each is timed."""

import json
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import yaml

from bench.declared_objects import Stages
from bench.fresh_clusters import FreshCluster
from bench.program_copy import salt
from bench.timed_commands import run, seconds

QUIET = ("--non-interactive", "--color", "never")
KUBECTL = str(Path(sys.executable).parent / "kubectl")


@dataclass(frozen=True, kw_only=True)
class Times:
    """Seconds of one contender on one fresh cluster."""

    up: float
    """From an empty cluster to every object made and every Deployment available."""
    preview: float | None
    """A preview right after that, with nothing to do."""


class Contender(Protocol):
    """A way to bring the same objects into a cluster."""

    name: str

    def measure(self, cluster: FreshCluster) -> Times:
        """Do it against the clock. Raises BenchError when it fails."""


class ThisProgram:
    """`pulumi up` of a copy of this program."""

    name = "this program"

    def __init__(self, directory: Path) -> None:
        """Run the program in `directory`."""
        self._directory = directory

    def measure(self, cluster: FreshCluster) -> Times:
        """Time `up` and a preview."""
        return self.measure_and_export(cluster)[0]

    def measure_and_export(self, cluster: FreshCluster) -> tuple[Times, dict[str, Any]]:
        """The same, and the state, secrets included."""
        environment = cluster.environment() | cluster.dev_stack_environment()
        times = _pulumi(self._directory, "dev", environment)
        exported = run(
            ["pulumi", "stack", "export", "--stack", "dev", "--show-secrets"], directory=self._directory, environment=environment
        )
        return times, json.loads(exported)


class BareProgram:
    """`pulumi up` of bench/bare_program.py."""

    name = "bare Pulumi program"

    def __init__(self, directory: Path, stages: Stages) -> None:
        """Write the program into `directory`."""
        directory.mkdir()
        shutil.copyfile(Path(__file__).parent / "bare_program.py", directory / "__main__.py")
        (directory / ".venv").symlink_to(sys.prefix)
        runtime = {"name": "python", "options": {"toolchain": "pip", "virtualenv": ".venv"}}
        (directory / "Pulumi.yaml").write_text(yaml.safe_dump({"name": "bench", "runtime": runtime}))
        (directory / "objects.json").write_text(json.dumps(stages.everything))
        self._directory = directory

    def measure(self, cluster: FreshCluster) -> Times:
        """Time `up` and a preview."""
        settings = yaml.safe_dump({"config": {"bench:kubeconfig": str(cluster.home.kubeconfig), "bench:context": cluster.home.context}})
        (self._directory / "Pulumi.bare.yaml").write_text(f"{salt()}\n{settings}")
        return _pulumi(self._directory, "bare", cluster.environment())


class Kubectl:
    """`kubectl apply --server-side`, with waits for the CustomResourceDefinitions and the Deployments."""

    name = "kubectl apply"

    def __init__(self, directory: Path, stages: Stages) -> None:
        """Write the objects into `directory`, one file for each command."""
        directory.mkdir()
        files = {
            "definitions": stages.definitions,
            "crds": [body for body in stages.definitions if body["kind"] == "CustomResourceDefinition"],
            "rest": [*stages.install, *stages.custom],
            "deployments": [body for body in stages.install if body["kind"] == "Deployment"],
        }
        for name, bodies in files.items():
            (directory / f"{name}.json").write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": bodies}))
        self._directory = directory

    def measure(self, cluster: FreshCluster) -> Times:
        """Time the four commands together."""
        commands = [
            ["apply", "--server-side", "-f", "definitions.json"],
            ["wait", "--for=condition=Established", "--timeout=120s", "-f", "crds.json"],
            ["apply", "--server-side", "-f", "rest.json"],
            ["wait", "--for=condition=Available", "--timeout=300s", "-f", "deployments.json"],
        ]
        environment = cluster.environment()
        taken = [seconds([KUBECTL, *command], directory=self._directory, environment=environment) for command in commands]
        return Times(up=sum(taken), preview=None)


def _pulumi(directory: Path, stack: str, environment: dict[str, str]) -> Times:
    run(["pulumi", "stack", "init", stack, *QUIET], directory=directory, environment=environment)
    up = ["pulumi", "up", "--stack", stack, "--yes", "--skip-preview", *QUIET]
    preview = ["pulumi", "preview", "--stack", stack, "--expect-no-changes", *QUIET]
    return Times(
        up=seconds(up, directory=directory, environment=environment),
        preview=seconds(preview, directory=directory, environment=environment),
    )
