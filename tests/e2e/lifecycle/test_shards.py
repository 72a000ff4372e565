"""Shards on the embedded cluster: the controllers of a shard reconcile its objects, the main ones all others, and either goes cleanly."""

import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml

from flux.sharding import SHARD_LABEL, SHARDED_CONTROLLERS
from gitops.status.row import Readiness
from tests.e2e.lifecycle.objects import apply, figure, objects_of, synced
from tests.e2e.running_stack import CLONE, RunningStack, changed_stack_file, eventually

MOVED = "argo-workflows"
STAYS = "cluster-vars"
COPIES = {f"{controller}-shard1" for controller in SHARDED_CONTROLLERS}
UNDER_WAY_SECONDS = 10.0
"""What the main controllers began before an object moved to a shard, they end, and fail to write its status."""
REPOSITORIES = "/apis/source.toolkit.fluxcd.io/v1/namespaces/default/gitrepositories"
TENANTS = f"{REPOSITORIES}/of-a-tenant"


def stack_file(folder: Path, *shards: str, shard: str | None) -> str:
    config = yaml.safe_load((CLONE / "Pulumi.dev.yaml").read_text())["config"]
    override = dict(config.get("gitops:override") or {})
    for target in (f"git/{MOVED}", f"kustomizations/{MOVED}") if shard else ():
        override[target] = {**override.get(target, {}), "shard": shard}
    return changed_stack_file(folder, flux={**config["gitops:flux"], "shards": [*shards]}, override=override)


@pytest.fixture(scope="module")
def sharded(living: RunningStack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RunningStack, str]]:
    """The dev stack with one source and its Kustomization in a shard; afterwards without."""
    living.up()
    synced(living)
    file = stack_file(tmp_path_factory.mktemp("shards"), "shard1", shard="shard1")
    living.up("--config-file", file)
    try:
        yield living, file
    finally:
        living.up()


def port_of_artifact(stack: RunningStack, name: str) -> int | None:
    found = stack.get("GitRepository", name) or {}
    return urlsplit(str(found["status"]["artifact"]["url"])).port


def test_the_controllers_of_a_shard_reconcile_its_objects_and_the_main_ones_the_others(sharded: tuple[RunningStack, str]) -> None:
    stack, file = sharded
    logs = stack.cluster.home.logs
    stack.reconcile("Kustomization", MOVED)
    time.sleep(UNDER_WAY_SECONDS)
    before = {name: (logs / f"{name}.log").stat().st_size for name in SHARDED_CONTROLLERS}

    for name in (MOVED, STAYS):
        stack.reconcile("Kustomization", name)
    stack.reconcile("GitRepository", MOVED)

    for controller, kind in (("kustomize-controller", "Kustomization"), ("source-controller", "GitRepository")):
        main = (logs / f"{controller}.log").read_text(errors="replace")[before[controller] :]
        copy = (logs / f"{controller}-shard1.log").read_text(errors="replace")
        assert f'"name":"{MOVED}"' in copy, f"{kind} {MOVED} is not in the log of the shard"
        assert f'"name":"{MOVED}"' not in main, f"{kind} {MOVED} is in the log of the main controller"
        assert f'"name":"{STAYS}"' not in copy
    assert port_of_artifact(stack, MOVED) != port_of_artifact(stack, "homelab-k8s2"), "its artifact is served by the shard"
    rows = {row.name: row for row in stack.rows() if row.is_controller}
    assert rows.keys() >= COPIES
    assert all(row.ready is Readiness.YES for row in rows.values())
    printed = stack.gitops("status", "--kubeconfig", str(stack.cluster.home.kubeconfig), "--context", stack.cluster.home.context).printed
    assert "kustomize-controller-shard1" in printed
    stack.preview("--config-file", file, "--expect-no-changes")
    figure(f"{MOVED} moved to shard1; {len(rows)} controllers run")


def test_a_shard_stays_while_an_object_that_is_not_the_stacks_names_it(sharded: tuple[RunningStack, str], tmp_path: Path) -> None:
    stack, _ = sharded
    body = {
        "apiVersion": "source.toolkit.fluxcd.io/v1",
        "kind": "GitRepository",
        "metadata": {"name": "of-a-tenant", "labels": {SHARD_LABEL: "shard1"}},
        "spec": {"interval": "1h", "url": "https://git.test/tenant.git", "suspend": True},
    }
    apply(stack.cluster, REPOSITORIES, body, "tenant")

    try:
        refused = stack.up("--config-file", stack_file(tmp_path, "shard2", shard="shard2"), expect=None)
    finally:  # while the controller of its shard runs, which takes the finalizer from it
        with stack.cluster.kube as kube:
            kube.delete(TENANTS)
            eventually(lambda: kube.get(TENANTS), lambda found: found is None, "the tenant's source is gone")

    assert refused.code != 0
    assert "lacks shard1, which an object of the cluster names as its shard: GitRepository/of-a-tenant" in " ".join(refused.printed.split())
    assert stack.get("Deployment", "kustomize-controller-shard2") is None


def test_a_shard_goes_when_its_objects_have_another_and_a_destruction_waits_for_its_controllers(
    sharded: tuple[RunningStack, str], tmp_path: Path
) -> None:
    stack, _ = sharded
    stack.up("--config-file", stack_file(tmp_path, "shard2", shard="shard2"))
    assert {name: stack.get("Deployment", name) for name in COPIES} == dict.fromkeys(COPIES)
    stack.reconcile("Kustomization", MOVED)
    eventually(lambda: stack.get("Kustomization", MOVED) or {}, _is_ready, f"{MOVED} ready in shard2")

    destroyed = stack.gitops("destroy", "--stack", stack.name, "--yes", "--keep-workloads", expect=0)

    assert "Finalizers released" not in destroyed.printed
    left = [path for path in objects_of(stack.cluster) if "customresourcedefinitions" not in path and "namespaces/flux" not in path]
    assert left == []


def _is_ready(body: dict[str, object]) -> bool:
    status = body.get("status")
    conditions = status.get("conditions", []) if isinstance(status, dict) else []
    return any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)
