"""A bare cluster is empty, says of itself what a production stack pins, and takes that stack."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pyrage
import pytest
import yaml

from devcluster.commands.homes import cluster_at, processes
from devcluster.embedded_cluster import Devcluster
from tests.e2e.running_stack import CLONE, devcluster, eventually, own_clone

PASSPHRASE = "of this test alone"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where it lies; ended in any case."""
    directory = tmp_path_factory.mktemp("bare") / "own"
    yield directory
    devcluster(directory, "down")


@pytest.fixture(scope="module")
def started(home: Path) -> "subprocess.CompletedProcess[str]":
    """The first start."""
    done = devcluster(home, "up", "--bare")
    assert done.returncode == 0, done.stderr
    return done


@pytest.fixture(scope="module")
def cluster(started: "subprocess.CompletedProcess[str]", home: Path) -> Devcluster:
    """The same, to be looked into."""
    assert started
    return cluster_at(home)


def test_nothing_is_on_it(cluster: Devcluster) -> None:
    with cluster.kube as kube:
        assert kube.get("/api/v1/namespaces/flux-system") is None
    assert cluster.samples.names() == set()
    started = processes(cluster)
    assert not [name for name in started if name.startswith(("source", "kustomize", "helm", "notification"))]
    assert started["gitea"], started


def test_its_hints_are_commands_for_its_home(started: "subprocess.CompletedProcess[str]", home: Path) -> None:
    for command in ("env", "describe", "repository NAME", "down"):
        assert f"devcluster {command} --home {home}" in started.stdout
    assert "make" not in started.stdout


def test_a_later_start_without_the_option_repairs_it_and_applies_nothing(cluster: Devcluster, home: Path) -> None:
    again = devcluster(home, "up")
    assert again.returncode == 0, again.stderr
    assert "pulumi up" not in again.stderr
    with cluster.kube as kube:
        assert kube.get("/api/v1/namespaces/flux-system") is None


def test_its_environment_leaves_the_passphrase_to_the_person_and_shows_no_secret(cluster: Devcluster, home: Path) -> None:
    lines = devcluster(home, "env").stdout
    assert "export PULUMI_CONFIG_PASSPHRASE" not in lines, "only that of a demo is taken away"
    assert "GITOPS_DEV" not in lines
    for secret in cluster.home.secrets.iterdir():
        assert secret.read_text().strip() not in lines, f"{secret.name} is printed"


def test_a_production_stack_with_what_it_says_of_itself_is_applied_and_synced(
    cluster: Devcluster, home: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    source = CLONE / "devcluster" / "gitea" / "repositories" / "mlflow"
    made = devcluster(home, "repository", "my-cluster", "--from", str(source))
    assert made.returncode == 0, made.stderr
    clone = own_clone(tmp_path_factory.mktemp("clone"))
    config, catalog = (yaml.safe_load(f"# {part}") for part in devcluster(home, "describe").stdout.split("\n# In the catalog"))
    _write_stack(clone, config, {"hosts": catalog["hosts"]})
    secrets = {
        "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
        "GITOPS_SECRET_AGE_2026_11": str(pyrage.x25519.Identity.generate()),
        "GITOPS_SECRET_DEPLOY_IDENTITY": cluster.samples.deploy_key.read_text().strip(),
    }

    up = "pulumi stack init own && pulumi up --stack own --yes --skip-preview --non-interactive --color never"
    script = f"{devcluster(home, 'env').stdout}\n{up}"
    done = subprocess.run(
        ["bash", "-c", script], cwd=clone, env=os.environ | secrets, capture_output=True, text=True, timeout=600, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr
    path = "/apis/source.toolkit.fluxcd.io/v1/namespaces/flux-system/gitrepositories/my-cluster"

    def revision() -> str:
        with cluster.kube as kube:
            return str((((kube.get(path) or {}).get("status") or {}).get("artifact") or {}).get("revision"))

    eventually(revision, lambda found: found == f"main@sha1:{cluster.samples.head('my-cluster')}", "my-cluster fetched over SSH")


def _write_stack(clone: Path, described: dict[str, object], catalog: dict[str, object]) -> None:
    """The smallest production stack: one repository, fetched over SSH with a deploy key."""
    spec = {"interval": "5m", "ref": {"branch": "main"}}
    catalog["git"] = {"my-cluster": {"from": "git-ssh/my-cluster", "credential": "deploy", "spec": spec}}
    (clone / "catalog.yaml").write_text(yaml.safe_dump(catalog))
    config = {
        **described,
        "gitops:environment": "production",
        "gitops:age": {"keys": {"2026-11": "supplied"}},
        "gitops:credentials": {"deploy": {"type": "ssh"}},
        "gitops:use": ["base"],
        "gitops:onDestroy": "keepWorkloads",
    }
    (clone / "Pulumi.own.yaml").write_text(yaml.safe_dump({"config": config}))


def test_its_end_leaves_nothing(cluster: Devcluster, home: Path) -> None:
    assert all(processes(cluster).values())
    done = devcluster(home, "down")
    assert done.returncode == 0, done.stderr
    assert not home.exists()
