"""Entries of the catalog in shards: what carries the label, and what waits for which controllers."""

import pytest

from flux.sharding import SHARD_LABEL
from tests import invariants
from tests.engine import REPOSITORY
from tests.record import Record, Resource
from tests.stack_files import preview


@pytest.fixture(scope="module")
def sharded(tmp_path_factory: pytest.TempPathFactory) -> Record:
    file = REPOSITORY / "tests" / "fixtures" / "stacks" / "valid" / "shards.yaml"
    record = preview(tmp_path_factory.mktemp("sharded"), file.read_text(encoding="utf-8"), catalog=None)
    assert record.exit_code == 0, record.errors
    return record


def of_flux(record: Record, kind: str, name: str) -> Resource:
    return record.object(kind, name, "flux-system")


def needed(resource: Resource) -> set[str]:
    return {urn.rpartition("::flux-deployment-")[2] for urn in resource.dependencies if "::flux-deployment-" in urn}


def test_an_entry_is_labelled_with_its_shard_and_an_override_may_take_it_out(sharded: Record) -> None:
    objects = (
        ("GitRepository", "app"),
        ("GitRepository", "tools"),
        ("HelmRepository", "charts"),
        ("Kustomization", "app"),
        ("Bucket", "models"),
    )
    labels = {(kind, name): of_flux(sharded, kind, name).inputs["metadata"]["labels"].get(SHARD_LABEL) for kind, name in objects}

    assert labels == {
        ("GitRepository", "app"): "shard1",
        ("GitRepository", "tools"): None,
        ("HelmRepository", "charts"): "shard2",
        ("Kustomization", "app"): "shard2",
        ("Bucket", "models"): "shard1",
    }


def test_a_source_waits_for_the_source_controller_of_its_shard_and_what_applies_for_every_controller(sharded: Record) -> None:
    """And on destroy, those outlive it."""
    assert needed(of_flux(sharded, "GitRepository", "app")) == {"source-controller-shard1"}
    assert needed(of_flux(sharded, "GitRepository", "tools")) == {"source-controller"}
    assert needed(of_flux(sharded, "Bucket", "models")) == {"source-controller-shard1"}
    deployments = {each.inputs["metadata"]["name"] for each in sharded.kubernetes() if each.kind == "Deployment"}
    assert len(deployments) == 4 + 2 * 3
    assert needed(of_flux(sharded, "Kustomization", "app")) == deployments


def test_the_graph_of_a_stack_with_shards_keeps_every_invariant(sharded: Record) -> None:
    invariants.check_everything(sharded)
    copies = [
        each for each in sharded.kubernetes() if each.inputs["metadata"]["name"].startswith(("source-controller-", "helm-controller-"))
    ]
    for each in copies:
        assert each.inputs["metadata"]["labels"]["gitops.daviestechlabs.io/stack"] == "gitops.fixture", each.urn
