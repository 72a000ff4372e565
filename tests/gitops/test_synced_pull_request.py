"""The steps of synced-pull-request.yaml, in a repository that Flux syncs: a fork's pull request, told in the summary of the job."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.engine import REPOSITORY
from tests.gitops.check.git_server import committed, git
from tests.gitops.compare.effect_files import placed, yaml_of
from tests.gitops.compare.synced_builders import config_map, kustomize
from tests.gitops.compare.synced_repository import CATALOG, NAME, SECRETS, STACK
from tests.gitops.workflow_job import Job
from tests.manifests import manifests_directory

PAGE = REPOSITORY / "docs" / "how-to" / "pull-requests.md"
SERVER = "https://git.test"
APPS = "kubernetes/apps"


def forge(folder: Path, name: str) -> tuple[Path, Path]:
    """A repository at the forge, and a clone in which somebody works."""
    bare, work = folder / "forge" / "org" / f"{name}.git", folder / name
    git("init", "--quiet", "--bare", "--template=", "--initial-branch=main", str(bare), at=folder)
    git("init", "--quiet", "--template=", "--initial-branch=main", str(work), at=folder)
    return bare, work


@pytest.mark.thorough
def test_a_pull_request_of_a_fork_shows_what_flux_would_do_and_runs_nothing_of_it(tmp_path: Path) -> None:
    (tmp_path / "forge" / "org").mkdir(parents=True)
    stacks, stacks_work = forge(tmp_path, "gitops")
    stack = STACK.replace("./manifests/v2.9.4", "ghcr.io/fluxcd/flux-manifests:v2.9.4@sha256:" + "0" * 64)
    committed(stacks_work, {"Pulumi.yaml": "name: gitops\n", "Pulumi.it.yaml": stack, "catalog.yaml": CATALOG})
    git("push", "--quiet", str(stacks), "main", at=stacks_work)
    synced, work = forge(tmp_path, NAME)
    files = {f"{APPS}/kustomization.yaml": yaml_of(kustomize("it.yaml")), f"{APPS}/it.yaml": yaml_of(placed(config_map("it")))}
    committed(work, {"kubernetes/flux/vars/cluster-secrets.sops.yaml": SECRETS, **files})
    git("push", "--quiet", str(synced), "main", at=work)
    hostile = tmp_path / "was-run"
    evil = {f"$(touch {hostile.name}).yaml": "a: b\n", ".venv/bin/gitops": f"#!/bin/sh\ntouch {hostile}\n"}
    committed(work, {f"{APPS}/it.yaml": yaml_of(placed(config_map("it", answer="43 @everyone"))), **evil})
    git("push", "--quiet", str(synced), "HEAD:refs/pull/7/head", at=work)
    (tmp_path / "gitconfig").write_text(f'[url "{tmp_path / "forge"}/"]\n  insteadOf = {SERVER}/\n')
    variables = {
        "GIT_CONFIG_GLOBAL": str(tmp_path / "gitconfig"),
        "GITHUB_SERVER_URL": SERVER,
        "GITHUB_REPOSITORY": f"org/{NAME}",
        "GITHUB_BASE_REF": "main",
        "GITHUB_REF": "refs/pull/7/merge",
        "GITHUB_HEAD_REF": f"$(touch {hostile})",
        "GITOPS_FLUX_MANIFESTS": str(manifests_directory()),
    }
    job = Job(tmp_path, variables)
    (job.workspace / "stacks").mkdir()
    (job.workspace / "stacks" / ".venv").symlink_to(Path(sys.prefix), target_is_directory=True)
    expressions = {"github.token": "", "github.event.pull_request.number": "7", "vars.GITOPS_REPOSITORY": "org/gitops"}

    assert [*job.run("synced-pull-request.yaml", expressions, leave_out=("Install",)).values()] == [0, 0, 0]

    told = (tmp_path / "summary").read_text()
    assert "* Kustomization `cluster-apps`\n  * ConfigMap `media/it`: `data.answer` `42` → `43 @everyone`" in told
    git("update-ref", "refs/remotes/origin/main", "main~1", at=work)
    (command,) = re.findall(r"^```sh by=hand\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    path = f"{Path(sys.prefix) / 'bin'}{os.pathsep}{os.environ['PATH']}"
    by_hand = subprocess.run(
        ["bash", "-euc", command], cwd=work, env={**job.environment, "PATH": path}, capture_output=True, text=True, check=True
    )
    assert "~ ConfigMap media/it  data.answer 42 → 43 @everyone" in by_hand.stdout, by_hand.stderr
    assert not hostile.exists()
    assert not list(job.workspace.rglob("was-run"))
