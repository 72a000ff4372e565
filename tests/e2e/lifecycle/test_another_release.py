"""Upgrade and downgrade by one value, on the real API server with its real rules about stored versions."""

from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from tests.e2e.lifecycle.objects import figure, objects_of, uids
from tests.e2e.running_stack import CLONE, RunningStack, changed_stack_file
from tests.manifests import manifests_directory

ALERTS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/alerts.notification.toolkit.fluxcd.io"
OLD_ALERTS = "/apis/notification.toolkit.fluxcd.io/v1beta2/namespaces/flux-system/alerts"
OLD = str(manifests_directory("v2.8.8"))


@pytest.fixture(scope="module")
def on_old_release(living: RunningStack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStack]:
    """The dev stack with Flux 2.8.8, which it got by going back."""
    living.up()
    refused = living.up(expect=None, GITOPS_DEV_FLUX_MANIFESTS=OLD)
    assert "would go back from Flux v2.9.4 to v2.8.8" in " ".join(refused.printed.split())
    flux = yaml.safe_load((CLONE / "Pulumi.dev.yaml").read_text())["config"]["gitops:flux"]
    file = changed_stack_file(tmp_path_factory.mktemp("old"), flux={**flux, "allowDowngrade": True})
    living.up("--config-file", file, GITOPS_DEV_FLUX_MANIFESTS=OLD)
    assert living.output("fluxVersion") == "v2.8.8"
    yield living
    living.up()


def test_a_preview_says_what_the_upgrade_changes_in_words(on_old_release: RunningStack) -> None:
    seen = on_old_release.preview().printed

    assert "Flux v2.8.8 becomes v2.9.4; Alert loses v1beta2; Provider loses v1beta2; Receiver loses v1beta2." in seen
    assert "would refuse" not in seen


def test_stored_versions_that_the_release_lacks_are_refused_before_anything_changes_and_migrated(on_old_release: RunningStack) -> None:
    stack = on_old_release
    alert: dict[str, Any] = {
        "apiVersion": "notification.toolkit.fluxcd.io/v1beta2",
        "kind": "Alert",
        "metadata": {"name": "from-long-ago", "namespace": "flux-system"},
        "spec": {"providerRef": {"name": "somewhere"}, "eventSources": [{"kind": "GitRepository", "name": "*"}]},
    }
    with stack.cluster.kube as kube, kube.credentials.client() as client:
        client.post(OLD_ALERTS, json=alert, params={"fieldManager": "flux"}).raise_for_status()
        # as a cluster has it that was installed when v1beta2 was the version that was stored
        stored = {"status": {"storedVersions": ["v1beta2", "v1beta3"]}}
        client.patch(f"{ALERTS}/status", json=stored, headers={"Content-Type": "application/merge-patch+json"}).raise_for_status()
    before = uids(objects_of(stack.cluster))

    refused = stack.up(expect=None)

    told = " ".join(refused.printed.split())
    assert refused.code != 0
    assert "lacks versions in which the cluster may store objects: Alert in v1beta2" in told
    assert "Run: gitops migrate --stack dev" in told
    with stack.cluster.kube as kube:
        definition = kube.get(ALERTS)
    assert definition is not None
    assert definition["metadata"]["labels"]["app.kubernetes.io/version"] == "v2.8.8", "nothing was changed"

    assert "Alert  v1beta2, v1beta3  v1beta3          1" in stack.gitops("migrate", "--stack", stack.name, expect=0).printed
    stack.up()

    changed = [path for path, uid in uids(objects_of(stack.cluster)).items() if before.get(path, uid) != uid]
    figure(f"2.8.8 to 2.9.4 after a migration: {len(changed)} of {len(before)} uids changed")
    assert changed == []
    with stack.cluster.kube as kube:
        alert = kube.get(f"{OLD_ALERTS.replace('v1beta2', 'v1beta3')}/from-long-ago") or {}
    assert {entry["apiVersion"] for entry in alert["metadata"]["managedFields"]} == {"notification.toolkit.fluxcd.io/v1beta3"}
    stack.preview("--expect-no-changes")
