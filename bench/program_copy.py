"""A copy of this clone's program, so that a benchmark measures one version of it and never writes into the clone."""

import shutil
import sys
from pathlib import Path
from typing import Any

import yaml

CLONE = Path(__file__).resolve().parents[1]
PARTS = ("__main__.py", "Pulumi.yaml", "Pulumi.dev.yaml", "catalog.yaml", "components", "flux", "gitops", "live", "stacks")


def copy_program(target: Path, extra: int = 0) -> None:
    """Copy what `pulumi up` and `gitops up` of the dev stack run, its catalog with `extra` more sources and as many Kustomizations."""
    target.mkdir()
    for part in PARTS:
        source = CLONE / part
        if source.is_dir():
            shutil.copytree(source, target / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copyfile(source, target / part)
    (target / ".venv").symlink_to(sys.prefix)
    if extra:
        catalog = target / "catalog.yaml"
        catalog.write_text(yaml.safe_dump(scaled(yaml.safe_load(catalog.read_text()), extra), sort_keys=False))


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
