"""As much of a clone as `gitops new` meets, with a kubeconfig and a registry of the test's own."""

import hashlib
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from flux.release.artifact_reference import ArtifactReference
from gitops.cli import app
from gitops.errors import CommandError
from stacks.contract.names import CATALOG
from tests.manifests import manifests_directory, put_manifests
from tests.shipped_stacks import CA, kubeconfig
from tests.stack_files import files_in

DIGEST = f"sha256:{'1' * 64}"
CONTEXT, SERVER = "admin@homelab", "https://192.168.1.10:6443"
PUBLIC = ("--git-url", "https://git.example.org/you/homelab", "--login", "public", "--age-key", "none")
ANSWERS = ("--yes", "--context", CONTEXT, "--path", "./clusters/homelab")
GITHUB = "github.com ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"


@dataclass
class Clone:
    """The folder, and how the command is run in it."""

    folder: Path
    kubeconfig: Path
    asked: list[str] = field(default_factory=list)
    """What the registry was asked for."""
    digest: str | Exception = DIGEST

    @property
    def catalog(self) -> Path:
        return self.folder / CATALOG

    def run(self, *arguments: str, typed: str | None = None) -> tuple[int, str, str]:
        """Exit code, stdout and stderr of `gitops new`; with `typed` as at a terminal."""
        result = CliRunner().invoke(app, ["new", *arguments], input=typed)
        if isinstance(result.exception, CommandError):
            return 2, result.stdout, f"{result.stderr}gitops: {result.exception}"
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result.exit_code, result.stdout, result.stderr

    def stack(self, name: str = "homelab") -> Any:
        return yaml.safe_load((self.folder / f"Pulumi.{name}.yaml").read_text())["config"]

    def commit(self) -> None:
        """Put everything into a commit."""
        person = {f"GIT_{who}_{what}": "person@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
        environment = {**os.environ, **person, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
        for command in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "-m", "start"]):
            subprocess.run(["git", *command], cwd=self.folder, env=environment, check=True, capture_output=True)


@contextmanager
def a_clone(parent: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Clone]:
    folder = parent / "gitops"
    folder.mkdir(parents=True)
    put_manifests(folder / "manifests", manifests_directory().parent)
    clone = Clone(folder, kubeconfig(parent, SERVER, CA, CONTEXT))

    def registry(reference: ArtifactReference, *, seconds: float) -> str:
        clone.asked.append(str(reference))
        if isinstance(clone.digest, Exception):
            raise clone.digest
        return clone.digest

    monkeypatch.setenv("KUBECONFIG", str(clone.kubeconfig))
    monkeypatch.setenv("HOME", str(parent))
    for name in ("PULUMI_BACKEND_URL", "PULUMI_ACCESS_TOKEN", "PULUMI_HOME", "PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GITOPS_FLUX_MANIFESTS", str(manifests_directory()))
    (folder / "Pulumi.yaml").write_text("name: gitops\n")
    monkeypatch.chdir(folder)
    monkeypatch.setattr("gitops.new.app.today", lambda: date(2026, 11, 3))
    monkeypatch.setattr("gitops.pinned_manifests.registry_digest", registry)
    with files_in(folder):
        yield clone


AUTHORITY = hashlib.sha256(CA).hexdigest()
"""What the kubeconfig's certificate of the authority has as its fingerprint."""
