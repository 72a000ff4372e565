"""The dev stack on an embedded cluster of the tests' own: the real CLI, engine, API server, controllers and Gitea."""

import base64
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pytest
import yaml

from devcluster.embedded_cluster import Devcluster
from devcluster.program.shell_environment import of_the_dev_stack
from devcluster.program.waiting_for_flux import ask_to_reconcile
from flux.reconcile_request import is_handled
from gitops.status.collect import collect
from gitops.status.row import StatusRow

Seen = TypeVar("Seen")

CLONE = Path(__file__).resolve().parents[2]
COMMAND_SECONDS = 600
SYNC_SECONDS = 240
DEMO_SECONDS = 900
API_OF_KIND = {
    "GitRepository": "source.toolkit.fluxcd.io/v1/namespaces/{namespace}/gitrepositories",
    "OCIRepository": "source.toolkit.fluxcd.io/v1/namespaces/{namespace}/ocirepositories",
    "HelmRepository": "source.toolkit.fluxcd.io/v1/namespaces/{namespace}/helmrepositories",
    "Kustomization": "kustomize.toolkit.fluxcd.io/v1/namespaces/{namespace}/kustomizations",
    "HelmRelease": "helm.toolkit.fluxcd.io/v2/namespaces/{namespace}/helmreleases",
    "Deployment": "apps/v1/namespaces/{namespace}/deployments",
}
GIT_SOURCES = {
    "homelab-k8s2": "homelab-k8s2",
    "argo-workflows": "argo",
    "kubeflow": "kubeflow",
    "chat-handler": "chat-handler",
    "voice-assistant": "voice-assistant",
    "handler-base": "handler-base",
    "kuberay-images": "kuberay-images",
    "mlflow": "mlflow",
    "gradio-ui": "gradio-ui",
}
"""Name of the dev stack's GitRepository → the repository."""
CORE_KINDS = {"Secret": "secrets", "ConfigMap": "configmaps"}


class Finished:
    """A command that ended: its exit code, and all it printed."""

    def __init__(self, code: int, printed: str) -> None:
        self.code = code
        self.printed = printed


@dataclass(frozen=True, kw_only=True)
class FirstPreview:
    """A preview before anything was applied."""

    printed: str
    controller_afterwards: dict[str, Any] | None


class RunningStack:
    """Runs Pulumi on a stack of this clone against an embedded cluster, and reads the cluster."""

    def __init__(self, cluster: Devcluster, environment: Mapping[str, str], name: str = "dev") -> None:
        self.cluster = cluster
        self.environment = dict(environment)
        self.name = name
        self.transcript: list[str] = []
        """Everything that any command printed."""

    def pulumi(self, *arguments: str, expect: int | None = 0, **changes: str | None) -> Finished:
        """Run the CLI on the stack, with `changes` to the environment (None removes); fails unless the exit code is as expected."""
        return self.run("pulumi", *arguments, "--non-interactive", "--color", "never", expect=expect, changes=changes)

    def gitops(
        self, *arguments: str, expect: int | None = None, changes: Mapping[str, str | None] | None = None, clone: Path = CLONE
    ) -> Finished:
        """Run the `gitops` command, with an administrator's token for Gitea at hand."""
        gitea = self.cluster.gitea
        token = {"GITEA_URL": gitea.url, "GITEA_TOKEN": gitea.administrator_token()}
        return self.run(sys.executable, "-m", "gitops", *arguments, expect=expect, changes={**token, **(changes or {})}, clone=clone)

    def run(
        self,
        *command: str,
        expect: int | None,
        changes: Mapping[str, str | None],
        clone: Path = CLONE,
        seconds: float = COMMAND_SECONDS,
    ) -> Finished:
        """Run a command in the clone; all it prints is kept."""
        wanted = {**os.environ, **self.environment, **changes}
        environment = {key: value for key, value in wanted.items() if value is not None}
        done = subprocess.run(
            command,
            cwd=clone,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=seconds,
            check=False,
        )
        self.transcript.append(done.stdout)
        if expect is not None:
            assert done.returncode == expect, f"{' '.join(command)} exited with {done.returncode}:\n{done.stdout}"
        return Finished(done.returncode, done.stdout)

    def up(self, *arguments: str, expect: int | None = 0, **changes: str | None) -> Finished:
        """`pulumi up` without its preview."""
        return self.pulumi("up", "--stack", self.name, "--yes", "--skip-preview", *arguments, expect=expect, **changes)

    def preview(self, *arguments: str, expect: int | None = 0, **changes: str | None) -> Finished:
        """`pulumi preview`."""
        return self.pulumi("preview", "--stack", self.name, *arguments, expect=expect, **changes)

    def lose_state(self) -> None:
        """Remove the state, and begin an empty one."""
        self.pulumi("stack", "rm", self.name, "--force", "--yes", "--preserve-config")
        self.pulumi("stack", "init", self.name)

    def output(self, name: str) -> Any:
        """One output of the stack."""
        return json.loads(self.pulumi("stack", "output", name, "--stack", self.name, "--json").printed)

    def get(self, kind: str, name: str, namespace: str = "flux-system") -> dict[str, Any] | None:
        """An object of the cluster; None when it is not there."""
        folder = f"/api/v1/namespaces/{namespace}/{CORE_KINDS[kind]}" if kind in CORE_KINDS else f"/apis/{API_OF_KIND[kind]}"
        with self.cluster.kube as kube:
            return kube.get(f"{folder.format(namespace=namespace)}/{name}")

    def ask_to_reconcile(self, kind: str, name: str) -> str:
        """Ask Flux to look at an object now; the mark by which it says later that it did."""
        mark = f"test-{time.monotonic_ns()}"
        with self.cluster.kube as kube:
            path = f"/apis/{API_OF_KIND[kind].format(namespace='flux-system')}/{name}"
            ask_to_reconcile(kube, path, mark)
        return mark

    def reconcile(self, kind: str, name: str) -> dict[str, Any]:
        """Ask Flux to look at an object now; the object once it did."""
        mark = self.ask_to_reconcile(kind, name)

        def handled(body: dict[str, Any] | None) -> bool:
            return body is not None and is_handled(body, mark)

        found = eventually(lambda: self.get(kind, name), handled, f"{kind}/{name} reconciled")
        assert found is not None
        return found

    def secret(self, name: str, namespace: str = "flux-system") -> dict[str, str]:
        """A Secret's values."""
        found = self.get("Secret", name, namespace)
        assert found is not None, f"there is no Secret {namespace}/{name}"
        return {key: base64.b64decode(value).decode() for key, value in found.get("data", {}).items()}

    def rows(self) -> list[StatusRow]:
        """What `gitops status` knows."""
        return collect(self.cluster.home.kubeconfig, self.cluster.home.context)


@contextmanager
def stack_on_a_fresh_cluster(tmp_path_factory: pytest.TempPathFactory, name: str) -> Iterator[RunningStack]:
    """The dev stack, initialised and not yet applied, on a cluster with Gitea and the sample repositories in a directory of its own.

    Everything of it is gone afterwards.
    """
    cluster = Devcluster(tmp_path_factory.mktemp(name) / "cluster", name)
    try:
        cluster.start()
        made = RunningStack(cluster, cluster.environment())
        made.pulumi("stack", "init", made.name)
        yield made
    finally:
        cluster.stop()


@contextmanager
def on_a_fresh_control_plane(stack: RunningStack, folder: Path) -> Iterator[RunningStack]:
    """The stack with its state, its secrets and its Git server, and another, empty cluster under the same context."""
    other = Devcluster(folder / "cluster", stack.cluster.home.name)
    try:
        other.start(samples=False)
        there = {"KUBECONFIG": str(other.home.kubeconfig), **of_the_dev_stack(other.home)}
        reached = ("KUBECONFIG", "GITOPS_DEV_CONTEXT", "GITOPS_DEV_SERVER", "GITOPS_DEV_CA_SHA256")
        yield RunningStack(other, {**stack.environment, **{key: there[key] for key in reached}}, stack.name)
    finally:
        other.stop()


def eventually(look: Callable[[], Seen], accept: Callable[[Seen], bool], what: str, seconds: float = SYNC_SECONDS) -> Seen:
    """Look until what is seen is accepted; fails with the last thing seen."""
    deadline = time.monotonic() + seconds
    while True:
        seen = look()
        if accept(seen):
            return seen
        assert time.monotonic() < deadline, f"{what}: not within {seconds:.0f} s; last seen: {seen}"
        time.sleep(0.5)


def own_clone(folder: Path) -> Path:
    """A clone of this repository's files as they are now, committed, whose stack files a test may change."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=CLONE, capture_output=True, text=True, check=True).stdout
    for file in filter(None, listed.split("\0")):
        if (CLONE / file).is_file():
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(CLONE / file, folder / file)
    (folder / ".venv").symlink_to(sys.prefix)
    exclude = folder / ".git" / "info" / "exclude"
    exclude.parent.mkdir(parents=True)
    exclude.write_text(".venv\n")  # .gitignore only names a directory, and a checkout must not lead into the environment of the tests
    person = ("-c", "user.name=A Person", "-c", "user.email=person@example.org")
    for words in (("init", "--quiet"), ("add", "--all"), (*person, "commit", "--quiet", "--message", "all of it")):
        subprocess.run(["git", *words], cwd=folder, check=True)
    return folder


def devcluster(home: Path, *arguments: str, clone: Path = CLONE, seconds: float = DEMO_SECONDS) -> "subprocess.CompletedProcess[str]":
    """Run `python -m devcluster` of a clone on a home."""
    command = [sys.executable, "-m", "devcluster", *arguments, "--home", str(home)]
    return subprocess.run(command, cwd=clone, capture_output=True, text=True, timeout=seconds, check=False)


def clone_with(folder: Path, stack_file: str) -> Path:
    """A copy of what `gitops` reads, with this stack file for stack `dev`: it knows no `--config-file`."""
    for part in ("components", "flux", "gitops", "live", "stacks"):
        shutil.copytree(CLONE / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("Pulumi.yaml", "catalog.yaml"):
        shutil.copyfile(CLONE / file, folder / file)
    shutil.copyfile(stack_file, folder / "Pulumi.dev.yaml")
    return folder


def changed_stack_file(folder: Path, **changes: object) -> str:
    """A copy of the dev stack file for `--config-file`, some keys set (None removes). `--config` would rewrite the committed file."""
    described = yaml.safe_load((CLONE / "Pulumi.dev.yaml").read_text())
    for key, value in changes.items():
        full = f"gitops:{key}"
        if value is None:
            described["config"].pop(full)
        else:
            described["config"][full] = value
    file = folder / "Pulumi.changed.yaml"
    file.write_text(yaml.safe_dump(described))
    return str(file)
