"""A copy of this clone's program, so that a benchmark measures one version of it and never writes into the clone."""

import io
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import yaml

from bench.errors import BenchError

CLONE = Path(__file__).resolve().parents[1]
PARTS = ("__main__.py", "Pulumi.yaml", "Pulumi.dev.yaml", "catalog.yaml", "components", "flux", "gitops", "live", "stacks")


def copy_program(target: Path, extra: int = 0, *, revision: str = "") -> None:
    """Copy what `pulumi up` and `gitops up` of the dev stack run, its catalog with `extra` more sources and as many Kustomizations.

    `revision`: as that commit of this clone has it; else as the work tree does.

    Raises:
        BenchError: the clone has no such commit, or the commit no such files.
    """
    target.mkdir()
    if revision:
        _extract(revision, target)
    for part in () if revision else PARTS:
        source = CLONE / part
        if source.is_dir():
            shutil.copytree(source, target / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copyfile(source, target / part)
    (target / ".venv").symlink_to(sys.prefix)
    if extra:
        catalog = target / "catalog.yaml"
        catalog.write_text(yaml.safe_dump(scaled(yaml.safe_load(catalog.read_text()), extra), sort_keys=False))


def _extract(revision: str, target: Path) -> None:
    command = ["git", "archive", "--format=tar", revision, "--", *PARTS]
    archive = subprocess.run(command, cwd=CLONE, capture_output=True, check=False)
    if archive.returncode:
        said = archive.stderr.decode(errors="replace").strip()
        raise BenchError(
            f"--former {revision} is no program to compare with: {said}", "Nothing was measured.", "Name a commit of this clone."
        )
    with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as files:
        files.extractall(target, filter="data")


def scaled(catalog: dict[str, Any], extra: int) -> dict[str, Any]:
    """`catalog` with `extra` more public Git sources, and a Kustomization for each."""
    names = [f"extra-{number:04}" for number in range(1, extra + 1)]
    sources = {name: {"from": "gitea/argo", "groups": ["base"]} for name in names}
    kustomizations = {
        name: {"groups": ["base"], "spec": {"sourceRef": {"kind": "GitRepository", "name": name}, "path": "./"}} for name in names
    }
    return {**catalog, "git": catalog["git"] | sources, "kustomizations": catalog["kustomizations"] | kustomizations}


def salt() -> str:
    """The line of the dev stack file without which the CLI would rewrite a stack file, and derive another key."""
    lines = (CLONE / "Pulumi.dev.yaml").read_text().splitlines()
    return next(line for line in lines if line.startswith("encryptionsalt:"))
