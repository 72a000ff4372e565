"""A clone with stacks to render, and the command in this process."""

import os
from collections.abc import Iterator, Mapping
from contextlib import chdir, contextmanager
from pathlib import Path
from unittest.mock import patch

from typer.testing import CliRunner

from gitops.cli import app
from gitops.errors import CommandError
from tests.engine import AMBIENT, REPOSITORY
from tests.manifests import manifests_directory, put_manifests
from tests.stack_files import files_in

STACK = """\
config:
  gitops:environment: development
  gitops:cluster: {name: it, context: it}
  gitops:flux: {manifests: ./manifests/v2.9.4}
  gitops:age: {keys: {"2026-11": supplied, "2026-12": generated}}
  gitops:credentials:
    gitea-read: {type: basic, username: flux}
    deploy: {type: ssh, generated: [first, second], active: second}
  gitops:variables: {CLUSTER_NAME: it}
  gitops:use: [base]
"""
CATALOG = """\
hosts:
  gitea: {url: "https://git.test/org"}
  ssh:
    url: ssh://git@git.test/org
    knownHosts: git.test ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEtlc3RrZXl0ZXN0a2V5dGVzdGtleXRlc3RrZXl0ZXN0
git:
  apps: {from: gitea/apps, credential: gitea-read, spec: {interval: 15m, ref: {branch: main}}}
  other: {from: ssh/other, credential: deploy, spec: {interval: 1h, ref: {branch: main}}}
kustomizations:
  apps:
    spec:
      {sourceRef: {kind: GitRepository, name: apps}, path: ./apps, interval: 1h, prune: true, decryption: {provider: sops}}
"""


@contextmanager
def clone_in(folder: Path, stacks: Mapping[str, str], catalog: str = CATALOG) -> Iterator[Path]:
    """The project with these stacks, as the current directory; nothing of the caller's environment is seen."""
    (folder / "Pulumi.yaml").write_text("name: gitops\n")
    put_manifests(folder / "manifests", manifests_directory().parent)
    write(folder, stacks, catalog)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(AMBIENT)}
    with files_in(folder), patch.dict(os.environ, kept, clear=True), chdir(folder):
        yield folder


def write(folder: Path, stacks: Mapping[str, str], catalog: str) -> None:
    for name, text in stacks.items():
        (folder / f"Pulumi.{name}.yaml").write_text(text)
    (folder / "catalog.yaml").write_text(catalog)


def run(*arguments: str) -> tuple[int, str, str]:
    """Exit code, stdout, stderr; a mistake is exit code 2 with its message."""
    result = CliRunner().invoke(app, list(arguments))
    if isinstance(result.exception, CommandError):
        return 2, result.stdout, str(result.exception)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


def shipped_file(name: str) -> str:
    return (REPOSITORY / name).read_text(encoding="utf-8")
