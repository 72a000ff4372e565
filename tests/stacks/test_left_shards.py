"""A shard that leaves the stack file while objects of the cluster still name it."""

from pathlib import Path
from typing import Any

import pytest

from flux.object_reference import ObjectReference
from flux.owners_mark import CLUSTER_LABEL, STACK_LABEL, TAKEN_ANNOTATION
from flux.sharding import SHARD_LABEL
from live.client.object_metadata import LiveMetadata
from stacks.inputs.own_state import OwnState, StateOutput, UnreadableStateError
from tests.manifests import manifests_directory
from tests.shipped_stacks import CONTROLLERS
from tests.stacks.guarded_cluster import FakeCluster, of_kubernetes, up, warnings


def flux(*shards: str) -> dict[str, Any]:
    return {"manifests": str(manifests_directory()), "components": CONTROLLERS, "shards": [*shards]}


def cluster_with(**shard_of: str) -> FakeCluster:
    cluster = FakeCluster({})
    for name, shard in shard_of.items():
        found = LiveMetadata(name=name, namespace="apps", labels={SHARD_LABEL: shard})
        cluster.in_shards[ObjectReference("Kustomization", "apps", name)] = found
    return cluster


def test_a_shard_that_objects_of_git_name_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = cluster_with(a="shard2", b="shard2", c="shard1", d="shard3")

    record = up(tmp_path, monkeypatch, cluster, flux=flux("shard1"))

    assert record.exit_code == 32
    assert of_kubernetes(record) == 0
    assert [line.partition(" ")[2] for line in record.errors.splitlines()[1:]] == [
        "gitops:flux.shards: lacks shard2, which 2 objects of the cluster name as their shard: Kustomization/a, "
        "Kustomization/b. No controller would reconcile them. Keep shard2 until Git gives them another shard, or none.",
        "gitops:flux.shards: lacks shard3, which an object of the cluster names as its shard: Kustomization/d. "
        "No controller would reconcile it. Keep shard3 until Git gives it another shard, or none.",
    ]
    assert "/apis/kustomize.toolkit.fluxcd.io/v1/kustomizations" in cluster.listed
    assert "/apis/source.toolkit.fluxcd.io/v1/gitrepositories" in cluster.listed


def test_an_entry_goes_together_with_its_shard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mark = {STACK_LABEL: "gitops.dev", CLUSTER_LABEL: "dev"}
    taken = {TAKEN_ANNOTATION: "flux"}

    def cluster(**annotations: dict[str, str]) -> FakeCluster:
        made = FakeCluster({})
        for name, each in annotations.items():
            labels = {SHARD_LABEL: "shard2", **(mark if name != "of-git" else {})}
            found = LiveMetadata(name=name, namespace="flux-system", labels=labels, annotations=each)
            made.in_shards[ObjectReference("Kustomization", "flux-system", name)] = found
        return made

    in_state = {ObjectReference("Kustomization", "flux-system", name): StateOutput() for name in ("app", "taken", "of-git")}
    monkeypatch.setattr("stacks.guard.own_state", lambda _: OwnState(objects=in_state))

    assert up(tmp_path, monkeypatch, cluster(app={}), flux=flux("shard1")).exit_code == 0
    for name, annotations, until in (
        ("lost", {}, "it is deleted, or in another shard"),
        ("taken", taken, "it is deleted, or in another shard"),
        ("of-git", {}, "Git gives it another shard, or none"),
    ):
        record = up(tmp_path, monkeypatch, cluster(app={}, **{name: annotations}), flux=flux("shard1"))
        assert record.exit_code == 32
        assert record.errors.endswith(
            "gitops:flux.shards: lacks shard2, which an object of the cluster names as its shard: "
            f"Kustomization/{name}. No controller would reconcile it. Keep shard2 until {until}."
        )

    def unreadable(_: str) -> Any:
        raise UnreadableStateError("no state")

    monkeypatch.setattr("stacks.guard.own_state", unreadable)
    record = up(tmp_path, monkeypatch, cluster(app={}), flux=flux("shard1"))
    assert record.exit_code == 32
    assert "what `pulumi up` deletes is not known: no state" in warnings(record)


def test_a_preview_says_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    record = up(tmp_path, monkeypatch, cluster_with(a="shard2"), preview=True, flux=flux("shard1"))

    assert record.exit_code == 0
    assert "lacks shard2" in warnings(record)


def test_the_last_shard_may_go_and_nothing_is_asked_without_shards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = cluster_with(a="shard2")

    assert up(tmp_path, monkeypatch, cluster, flux=flux()).exit_code == 0
    assert cluster.listed == []
