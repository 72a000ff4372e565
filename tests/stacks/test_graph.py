"""The graph of every shipped stack keeps the invariants."""

from pathlib import Path

from stacks.contract.outputs import Outputs
from tests import invariants
from tests.engine import entry_point, run
from tests.record import Record
from tests.shipped_stacks import SECRETS, dev, shipped


def test_the_dev_stack_keeps_every_invariant(dev_up: Record) -> None:
    invariants.check_everything(dev_up, markers=SECRETS)


def test_a_preview_of_the_dev_stack_keeps_every_invariant(dev_preview: Record) -> None:
    invariants.check_everything(dev_preview, markers=SECRETS)


def test_production_keeps_every_invariant_without_secrets_and_cluster(production_preview: Record) -> None:
    invariants.check_everything(production_preview)


def test_staging_keeps_every_invariant_without_secrets_and_cluster(staging_preview: Record) -> None:
    invariants.check_everything(staging_preview)


def test_a_preview_registers_the_same_resources_as_up(dev_up: Record, dev_preview: Record) -> None:
    assert {resource.urn for resource in dev_preview.resources} == {resource.urn for resource in dev_up.resources}


def test_definitions_and_namespace_outlive_production_but_not_dev(dev_up: Record, production_preview: Record) -> None:
    def retained(record: Record) -> set[str]:
        return {each.kind for each in record.kubernetes() if each.options.retain_on_delete}

    assert retained(production_preview) == {"Namespace", "CustomResourceDefinition"}
    assert retained(dev_up) == set()


def test_every_object_carries_the_owners_mark_and_is_applied_under_one_name(dev_up: Record, production_preview: Record) -> None:
    for record, stack, cluster in ((dev_up, "gitops.dev", "dev"), (production_preview, "gitops.production", "homelab")):
        for each in record.kubernetes():
            metadata = each.inputs["metadata"]
            assert metadata["labels"]["gitops.daviestechlabs.io/stack"] == stack, each.urn
            assert metadata["labels"]["gitops.daviestechlabs.io/cluster"] == cluster, each.urn
            assert metadata["annotations"]["pulumi.com/patchFieldManager"] == "gitops.daviestechlabs.io", each.urn


def test_no_pod_carries_the_mark_because_its_controller_would_restart(dev_up: Record) -> None:
    pods = [each.inputs["spec"]["template"]["metadata"] for each in dev_up.kubernetes() if each.kind == "Deployment"]

    assert pods
    assert "gitops.daviestechlabs.io" not in str(pods)


def test_nothing_is_protected_because_destroy_must_be_able_to_end(dev_up: Record, production_preview: Record) -> None:
    for record in (dev_up, production_preview):
        assert [each.urn for each in record.resources if each.options.protect] == []


def test_services_are_not_awaited_and_deployments_are(dev_up: Record) -> None:
    skipped = {
        (each.kind, each.inputs["metadata"].get("annotations", {}).get("pulumi.com/skipAwait"))
        for each in dev_up.kubernetes()
        if each.kind in ("Service", "Deployment")
    }

    assert skipped == {("Service", "true"), ("Deployment", None)}


def test_the_provider_is_bound_to_one_cluster_changes_secrets_in_place_and_takes_over_what_exists(dev_up: Record) -> None:
    (provider,) = dev_up.of_type("pulumi:providers:kubernetes")

    assert provider.inputs["clusterIdentifier"] == "dev"
    assert provider.inputs["context"] == "kwok-test"
    for switch in ("enableSecretMutable", "enableConfigMapMutable", "upsertExistingObjects", "enablePatchForce"):
        assert provider.inputs[switch] == "true", switch


def test_exports_are_version_sources_recipients_sops_config_and_deploy_keys(dev_up: Record) -> None:
    assert set(dev_up.exports) == {"fluxVersion", "sources", "ageRecipients", "sopsConfig", "deployKeys"}
    assert dev_up.exports["fluxVersion"] == "v2.9.4"
    assert dev_up.exports["ageRecipients"]["2026-11"].startswith("age1")


def test_the_sources_that_are_exported_lie_where_flux_fetches_them(tmp_path: Path) -> None:
    elsewhere = "https://git.test/elsewhere/argo.git"
    override = {**shipped("dev")["gitops:override"], "git/argo-workflows": {"spec": {"url": elsewhere}}}
    record = run(entry_point(), **dev(tmp_path, config={"gitops:override": override}))
    assert record.exports["sources"]["GitRepository"]["argo-workflows"] == elsewhere


def test_the_outputs_are_those_that_the_commands_read(dev_up: Record) -> None:
    assert set(dev_up.exports) == set(Outputs.__annotations__)


def test_what_the_state_has_beside_the_objects_does_not_grow_with_the_catalog(dev_up: Record, production_preview: Record) -> None:
    # The engine writes all of it after every step: docs/benchmark.md.
    for record in (dev_up, production_preview):
        sections = record.of_type("gitops:index:FluxSection")
        objects = [each for section in sections for each in record.children(section)]

        assert len(objects) > 10
        assert len({each.kind for each in objects}) == len(sections), "a component for each kind, not for each object"
