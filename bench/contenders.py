"""The contenders, and what of each is measured. Each of them makes the same objects, on a cluster of its own."""

import json
import shutil
import sys
from pathlib import Path
from typing import Any, Protocol

import yaml

from bench.declared_objects import Stages
from bench.fresh_clusters import FreshCluster
from bench.measures import Measures, Took
from bench.program_copy import salt
from bench.session_memory import MEGABYTE
from bench.timed_commands import Ran, measured

QUIET = ("--non-interactive", "--color", "never")
KUBECTL = str(Path(sys.executable).parent / "kubectl")
WITHOUT_CHECKPOINTS = {"PULUMI_EXPERIMENTAL": "true", "PULUMI_SKIP_CHECKPOINTS": "true"}
"""What `gitops up --fast` sets."""


class Contender(Protocol):
    """A way to bring the same objects into a cluster."""

    name: str
    has_fast_mode: bool
    """Whether there is one that writes the state once."""

    def measure(self, cluster: FreshCluster) -> Measures:
        """Do it against the clock. Raises BenchError when it fails."""

    def fast_up(self, cluster: FreshCluster) -> Took:
        """The mode that writes the state once."""


class ThisProgram:
    """`pulumi up` of a copy of this program, and `gitops up --fast`."""

    name = "this program"
    has_fast_mode = True

    def __init__(self, directory: Path) -> None:
        """Run the program in `directory`."""
        self._directory = directory

    def measure(self, cluster: FreshCluster) -> Measures:
        """Measure both previews, `up` and the state."""
        return _pulumi(self._directory, "dev", _of_dev(cluster), cluster)

    def fast_up(self, cluster: FreshCluster) -> Took:
        """Time `gitops up --fast`."""
        environment = _of_dev(cluster)
        _initialised(self._directory, "dev", environment)
        command = [sys.executable, "-m", "gitops", "up", "--stack", "dev", "--fast", "--", "--yes", "--skip-preview", *QUIET]
        return measured(command, directory=self._directory, environment=environment).took

    def state(self, cluster: FreshCluster) -> dict[str, Any]:
        """The state after an `up` that is not measured, secrets included."""
        self.fast_up(cluster)
        export = ["pulumi", "stack", "export", "--stack", "dev", "--show-secrets"]
        exported: dict[str, Any] = json.loads(measured(export, directory=self._directory, environment=_of_dev(cluster)).printed)
        return exported


class FormerProgram:
    """`pulumi up` of this program as an earlier commit has it, in the one mode that it has."""

    name = "former program"
    has_fast_mode = False

    def __init__(self, directory: Path) -> None:
        """Run the program in `directory`."""
        self._directory = directory

    def measure(self, cluster: FreshCluster) -> Measures:
        """Time `up`."""
        environment = _of_dev(cluster)
        _initialised(self._directory, "dev", environment)
        return Measures(up=_up(self._directory, "dev", environment).took)

    def fast_up(self, cluster: FreshCluster) -> Took:
        """It has no such mode."""
        raise NotImplementedError


class BareProgram:
    """`pulumi up` of bench/bare_program.py."""

    name = "bare Pulumi program"
    has_fast_mode = True

    def __init__(self, directory: Path, stages: Stages) -> None:
        """Write the program into `directory`."""
        directory.mkdir()
        shutil.copyfile(Path(__file__).parent / "bare_program.py", directory / "__main__.py")
        (directory / ".venv").symlink_to(sys.prefix)
        runtime = {"name": "python", "options": {"toolchain": "pip", "virtualenv": ".venv"}}
        (directory / "Pulumi.yaml").write_text(yaml.safe_dump({"name": "bench", "runtime": runtime}))
        (directory / "objects.json").write_text(json.dumps(stages.everything))
        self._directory = directory

    def measure(self, cluster: FreshCluster) -> Measures:
        """Measure both previews, `up` and the state."""
        self._write_stack_file(cluster)
        return _pulumi(self._directory, "bare", cluster.environment(), cluster)

    def fast_up(self, cluster: FreshCluster) -> Took:
        """Time `up` without the engine's checkpoints."""
        self._write_stack_file(cluster)
        environment = cluster.environment()
        _initialised(self._directory, "bare", environment)
        return _up(self._directory, "bare", environment | WITHOUT_CHECKPOINTS).took

    def _write_stack_file(self, cluster: FreshCluster) -> None:
        settings = yaml.safe_dump({"config": {"bench:kubeconfig": str(cluster.home.kubeconfig), "bench:context": cluster.home.context}})
        (self._directory / "Pulumi.bare.yaml").write_text(f"{salt()}\n{settings}")


class Kubectl:
    """`kubectl apply --server-side`, with waits for the CustomResourceDefinitions and the Deployments."""

    name = "kubectl apply"
    has_fast_mode = False

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

    def measure(self, cluster: FreshCluster) -> Measures:
        """Time the four commands together."""
        commands = [
            ["apply", "--server-side", "-f", "definitions.json"],
            ["wait", "--for=condition=Established", "--timeout=120s", "-f", "crds.json"],
            ["apply", "--server-side", "-f", "rest.json"],
            ["wait", "--for=condition=Available", "--timeout=300s", "-f", "deployments.json"],
        ]
        environment = cluster.environment()
        ran = [measured([KUBECTL, *command], directory=self._directory, environment=environment) for command in commands]
        took = [each.took for each in ran]
        up = Took(seconds=sum(each.seconds for each in took), processor=sum(each.processor for each in took))
        return Measures(up=up, memory_of_all=max(each.memory.altogether for each in ran))

    def fast_up(self, cluster: FreshCluster) -> Took:
        """It writes no state."""
        raise NotImplementedError


def _of_dev(cluster: FreshCluster) -> dict[str, str]:
    return cluster.environment() | cluster.dev_stack_environment()


def _pulumi(directory: Path, stack: str, environment: dict[str, str], cluster: FreshCluster) -> Measures:
    _initialised(directory, stack, environment)
    preview = ["pulumi", "preview", "--stack", stack, *QUIET]
    first = measured(preview, directory=directory, environment=environment)
    up = _up(directory, stack, environment)
    second = measured([*preview, "--expect-no-changes"], directory=directory, environment=environment)
    state = next((cluster.home.directory / "state").glob(f".pulumi/stacks/*/{stack}.json"))
    every = (first, up, second)
    return Measures(
        first_preview=first.took,
        up=up.took,
        preview=second.took,
        state=state.stat().st_size / MEGABYTE,
        memory=max(each.memory.program for each in every),
        memory_of_all=max(each.memory.altogether for each in every),
    )


def _initialised(directory: Path, stack: str, environment: dict[str, str]) -> None:
    measured(["pulumi", "stack", "init", stack, *QUIET], directory=directory, environment=environment)


def _up(directory: Path, stack: str, environment: dict[str, str]) -> Ran:
    return measured(["pulumi", "up", "--stack", stack, "--yes", "--skip-preview", *QUIET], directory=directory, environment=environment)
