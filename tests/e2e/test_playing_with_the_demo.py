"""Who plays with the demo changes its files and its Gitea; the next demo says at once what is gone, and goes on when it is there."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.e2e.running_stack import CLONE, devcluster, own_clone


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone whose dev stack fetches its workflows from a repository that the samples do not have."""
    made = own_clone(tmp_path_factory.mktemp("clone"))
    file = made / "Pulumi.dev.yaml"
    described = yaml.safe_load(file.read_text())
    described["config"]["gitops:override"]["git/argo-workflows"] = {"from": "gitea/my-workflows", "spec": {"interval": "1m"}}
    file.write_text(yaml.safe_dump(described))
    return made


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, clone: Path) -> Iterator[Path]:
    """Where its demo lies; ended in any case."""
    directory = tmp_path_factory.mktemp("played") / "home"
    yield directory
    devcluster(directory, "down", clone=clone)


@pytest.fixture(scope="module")
def refused(home: Path, clone: Path) -> "subprocess.CompletedProcess[str]":
    """The next demo."""
    return devcluster(home, "up", clone=clone)


def test_a_repository_that_is_gone_is_told_in_three_parts_before_pulumi_runs(refused: "subprocess.CompletedProcess[str]") -> None:
    assert refused.returncode == 1
    told = " ".join(refused.stderr.split())
    wrong = "Pulumi.dev.yaml, changed since the last commit, names a repository that the demo's Gitea does not have: my-workflows. "
    _, _, rest = told.partition(wrong)
    assert rest.startswith("Flux could not fetch it"), told
    assert "devcluster repository my-workflows --home" in rest
    assert "pulumi up" not in refused.stderr


def test_the_demo_goes_on_once_the_repository_is_made(refused: "subprocess.CompletedProcess[str]", home: Path, clone: Path) -> None:
    assert refused
    source = CLONE / "devcluster" / "gitea" / "repositories" / "argo"
    made = devcluster(home, "repository", "my-workflows", "--from", str(source), clone=clone)
    assert made.returncode == 0, made.stderr
    assert "my-workflows: {from: gitea/my-workflows, groups: [apps]}" in made.stdout
    again = devcluster(home, "repository", "my-workflows", clone=clone)
    assert again.returncode == 1
    assert "already exists" in again.stderr

    done = devcluster(home, "up", clone=clone)
    assert done.returncode == 0, done.stderr
    assert "24 of 24 ready" in done.stdout
