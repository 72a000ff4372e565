"""A clone of this program with one stack, `homelab`, which syncs one real repository."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import chdir, contextmanager
from pathlib import Path
from unittest.mock import patch

import yaml
from typer.testing import CliRunner

from gitops.cli import app
from tests.engine import AMBIENT
from tests.gitops.check.git_server import bare_repository, committed, git
from tests.gitops.check.samples import RECIPIENTS, laid_out, sealed
from tests.manifests import manifests_directory, put_manifests
from tests.stack_files import files_in

URL = "https://git.test/repository.git"
STACK = f"""
config:
  gitops:environment: production
  gitops:cluster: {{name: homelab, context: homelab, server: "https://192.168.1.10:6443", caSha256: "{"0" * 64}"}}
  gitops:flux: {{manifests: ./manifests/v2.9.4}}
  gitops:age:
    keys: {{"2026-05": supplied, "2026-11": supplied}}
    recipients: [{RECIPIENTS["person"]}]
  gitops:age-2026-11: {{secure: v1:closed}}
  gitops:use: [base]
  gitops:variables: {{CLUSTER_NAME: homelab}}
  gitops:onDestroy: keepWorkloads
"""
CATALOG = f"""
git:
  repository: {{url: "{URL}", spec: {{interval: 1h, ref: {{branch: main}}}}}}
kustomizations:
  vars:
    spec: {{sourceRef: {{kind: GitRepository, name: repository}}, path: ./vars, interval: 1h, prune: true, decryption: {{provider: sops}}}}
  apps:
    inherit: [decryption, postBuild]
    spec:
      sourceRef: {{kind: GitRepository, name: repository}}
      path: ./apps
      interval: 1h
      prune: true
      dependsOn: [{{name: vars}}]
      decryption: {{provider: sops}}
      postBuild: {{substituteFrom: [{{kind: ConfigMap, name: stack-vars}}, {{kind: Secret, name: cluster-secrets}}]}}
"""
PULUMI = """#!/bin/sh
echo "$*" >> "$ASKED"
case "$*" in
  "stack --show-name"*) [ -n "$SELECTED" ] && echo "$SELECTED" ;;
  "stack output ageRecipients"*) [ -n "$APPLIED" ] && echo "$APPLIED" ;;
  *) exit 1 ;;
esac
"""
APPLIED = {"2026-05": RECIPIENTS["old"], "2026-11": RECIPIENTS["current"]}


@contextmanager
def stack_and_repository(folder: Path, sample: str = "clean") -> Iterator[Path]:
    """The clone, with a repository that git finds under the stack's URL, and a `pulumi` that knows what was applied."""
    clone = folder / "clone"
    clone.mkdir(parents=True)
    (clone / "Pulumi.yaml").write_text("name: gitops\n")
    (clone / "Pulumi.homelab.yaml").write_text(STACK)
    (clone / "catalog.yaml").write_text(CATALOG)
    put_manifests(clone / "manifests", manifests_directory().parent)
    (folder / "tree").mkdir()
    bare_repository(folder, {path: (folder / "tree" / path).read_text() for path in laid_out(sample, folder / "tree")})
    (folder / "bin").mkdir()
    (folder / "bin" / "pulumi").write_text(PULUMI)
    (folder / "bin" / "pulumi").chmod(0o755)
    (folder / "gitconfig").write_text(f'[url "{folder / "repository.git"}"]\n  insteadOf = {URL}\n')
    environment = {name: value for name, value in os.environ.items() if name == "GITOPS_CACHE" or not name.startswith(AMBIENT)} | {
        "GIT_CONFIG_GLOBAL": str(folder / "gitconfig"),
        "PATH": f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "ASKED": str(folder / "asked"),
        "APPLIED": json.dumps(APPLIED),
    }
    with patch.dict(os.environ, environment, clear=True), files_in(clone), chdir(clone):
        yield clone


def run(*arguments: str) -> tuple[int, str, str]:
    """`gitops check`: exit code, stdout, stderr."""
    result = CliRunner().invoke(app, ["check", *arguments])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


def pushed(clone: Path, files: Mapping[str, str]) -> str:
    """Push a change of the repository; the commit."""
    commit = committed(clone.parent / "work", files)
    git("push", "--quiet", str(clone.parent / "repository.git"), "main", at=clone.parent / "work")
    return commit


def encrypted_for(*readers: str) -> str:
    """The encrypted variables of the cluster."""
    plain = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "cluster-secrets", "namespace": "flux-system"},
        "data": {"SECRET_TOKEN": "made up"},
    }
    return sealed("it.yaml", yaml.safe_dump(plain), list(readers))
