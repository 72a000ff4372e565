"""Upgrade and downgrade by one value, on the real API server with its real rules about stored versions.

The controllers are host processes of the newest release throughout: what changes is everything that an API server has of a release.
Two hops belong to `make test`; GITOPS_TEST_MATRIX=all has every way between the tested minors, in both directions (`make soak`).
"""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from devcluster.embedded_cluster import Devcluster
from flux.release.tested import TESTED_VERSIONS
from gitops.status.row import Readiness
from tests.e2e.events import events_of
from tests.e2e.lifecycle.objects import figure, objects_of, synced, uids
from tests.e2e.running_stack import CLONE, RunningStack, changed_stack_file, eventually
from tests.manifests import distribution, manifests_directory

DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
ALERTS = f"{DEFINITIONS}/alerts.notification.toolkit.fluxcd.io"
OLD_ALERTS = "/apis/notification.toolkit.fluxcd.io/v1beta2/namespaces/flux-system/alerts"
ALERT = f"{OLD_ALERTS.replace('v1beta2', 'v1beta3')}/from-long-ago"
OLD_ALERT: dict[str, Any] = {
    "apiVersion": "notification.toolkit.fluxcd.io/v1beta2",
    "kind": "Alert",
    "metadata": {"name": "from-long-ago", "namespace": "flux-system"},
    "spec": {"providerRef": {"name": "somewhere"}, "eventSources": [{"kind": "GitRepository", "name": "*"}]},
}
NEWEST, MIDDLE, OLDEST = TESTED_VERSIONS
SHORT = (MIDDLE, NEWEST)
EVERY = (MIDDLE, OLDEST, NEWEST, OLDEST, MIDDLE, NEWEST)
"""One after the other, from the newest on: each minor to each other one."""
WAY = EVERY if os.environ.get("GITOPS_TEST_MATRIX") == "all" else SHORT
HOPS = list(zip((NEWEST, *WAY), WAY, strict=False))
FROM_GIT = "/api/v1/configmaps"


def file_that_may_go_back(folder: Path) -> str:
    flux = yaml.safe_load((CLONE / "Pulumi.dev.yaml").read_text())["config"]["gitops:flux"]
    return changed_stack_file(folder, flux={**flux, "allowDowngrade": True})


def installed(cluster: Devcluster) -> set[str]:
    """The releases of which the cluster's Flux is, by the labels of all that the stack has."""
    found = (body["metadata"]["labels"].get("app.kubernetes.io/version") for body in objects_of(cluster).values())
    return {version for version in found if version}


@pytest.fixture(scope="module")
def newest(living: RunningStack) -> Iterator[RunningStack]:
    """The dev stack with the newest release and everything applied."""
    living.up()
    synced(living)
    yield living
    living.up()


@pytest.mark.parametrize(("before", "after"), HOPS, ids=[f"{before}-to-{after}" for before, after in HOPS])
def test_every_way_between_two_releases_keeps_every_object(before: str, after: str, newest: RunningStack, tmp_path: Path) -> None:
    stack, manifests = newest, str(manifests_directory(after))
    assert installed(stack.cluster) == {before}
    goes_back = TESTED_VERSIONS.index(after) > TESTED_VERSIONS.index(before)
    if goes_back:
        refused = stack.up(expect=None, GITOPS_DEV_FLUX_MANIFESTS=manifests)
        assert f"would go back from Flux {before} to {after}" in " ".join(refused.printed.split())
        assert installed(stack.cluster) == {before}, "nothing was changed"
    options = ("--config-file", file_that_may_go_back(tmp_path)) if goes_back else ()
    seen = stack.preview(*options, GITOPS_DEV_FLUX_MANIFESTS=manifests).printed
    assert f"Flux {before} becomes {after}" in seen
    assert f"Controller source-controller: {tag(before)} → {tag(after)}" in seen
    own = uids(objects_of(stack.cluster))

    with events_of(stack.cluster, FROM_GIT) as events:
        started = time.monotonic()
        stack.up(*options, GITOPS_DEV_FLUX_MANIFESTS=manifests)
        seconds = time.monotonic() - started
        eventually(stack.rows, lambda rows: all(row.ready is Readiness.YES for row in rows), "everything is ready")

    now = uids(objects_of(stack.cluster))
    changed = [path for path, uid in own.items() if now.get(path) != uid]
    deleted = [each["object"]["metadata"]["name"] for each in events if each["type"] == "DELETED"]
    lost = f"{len(changed)} of {len(own)} uids changed, {len(deleted)} ConfigMaps from Git deleted"
    figure(f"Flux {before} to {after}: {lost}, {seconds:.0f} s of `up`")
    assert changed == []
    assert deleted == []
    assert installed(stack.cluster) == {after}
    assert stack.output("fluxVersion") == after
    stack.preview("--expect-no-changes", *options, GITOPS_DEV_FLUX_MANIFESTS=manifests)


def tag(version: str) -> str:
    """Of source-controller in a release."""
    (body,) = (
        each for each in distribution(version).objects if (each["kind"], each["metadata"]["name"]) == ("Deployment", "source-controller")
    )
    image: str = body["spec"]["template"]["spec"]["containers"][0]["image"]
    return image.rpartition(":")[2]


@pytest.fixture(scope="module")
def on_old_release(newest: RunningStack, tmp_path_factory: pytest.TempPathFactory) -> RunningStack:
    """The dev stack with Flux 2.8.8, which it got by going back."""
    old = str(manifests_directory(MIDDLE))
    newest.up("--config-file", file_that_may_go_back(tmp_path_factory.mktemp("old")), GITOPS_DEV_FLUX_MANIFESTS=old)
    return newest


def test_a_preview_says_what_the_upgrade_changes_in_words(on_old_release: RunningStack) -> None:
    seen = on_old_release.preview().printed

    assert "Flux v2.8.8 becomes v2.9.4; Alert loses v1beta2; Provider loses v1beta2; Receiver loses v1beta2." in seen
    assert "would refuse" not in seen


def removed(stack: RunningStack) -> None:
    """Without the Alert, which is not the stack's: a destruction would keep the CRDs for it."""
    with stack.cluster.kube as kube:
        kube.delete(ALERT)
        eventually(lambda: kube.get(ALERT), lambda body: body is None, "the Alert is gone")


def test_managed_fields_in_a_version_that_the_release_lacks_are_refused_before_anything_changes_and_migrated(
    on_old_release: RunningStack, request: pytest.FixtureRequest
) -> None:
    stack = on_old_release
    with stack.cluster.kube as kube, kube.credentials.client() as client:
        headers = {"Content-Type": "application/apply-patch+yaml"}
        path = ALERT.replace("v1beta3", "v1beta2")
        client.patch(path, json=OLD_ALERT, params={"fieldManager": "kustomize-controller"}, headers=headers).raise_for_status()
    request.addfinalizer(lambda: removed(stack))
    refusal = "lacks versions that the managed fields of objects name: Alert in v1beta2"

    previewed = " ".join(stack.preview().printed.split())
    assert "`pulumi up` would refuse: " in previewed
    assert refusal in previewed
    refused = stack.up(expect=None)
    told = " ".join(refused.printed.split())
    assert refused.code != 0
    assert refusal in told
    assert "Run: gitops migrate --stack dev" in told
    assert installed(stack.cluster) == {MIDDLE}, "nothing was changed"

    assert "Alert  v1beta3    v1beta2            v1beta3          1" in stack.gitops("migrate", "--stack", stack.name, expect=0).printed

    assert "would refuse" not in stack.preview().printed


def test_stored_versions_that_the_release_lacks_are_refused_before_anything_changes_and_migrated(
    on_old_release: RunningStack, request: pytest.FixtureRequest
) -> None:
    stack = on_old_release
    with stack.cluster.kube as kube, kube.credentials.client() as client:
        client.post(OLD_ALERTS, json=OLD_ALERT, params={"fieldManager": "flux"}).raise_for_status()
        # as a cluster has it that was installed when v1beta2 was the version that was stored
        stored = {"status": {"storedVersions": ["v1beta2", "v1beta3"]}}
        client.patch(f"{ALERTS}/status", json=stored, headers={"Content-Type": "application/merge-patch+json"}).raise_for_status()
    request.addfinalizer(lambda: removed(stack))
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

    migrated = stack.gitops("migrate", "--stack", stack.name, expect=0).printed
    assert "Alert  v1beta2, v1beta3  v1beta2            v1beta3          1" in migrated
    stack.up()

    changed = [path for path, uid in uids(objects_of(stack.cluster)).items() if before.get(path, uid) != uid]
    figure(f"2.8.8 to 2.9.4 after a migration: {len(changed)} of {len(before)} uids changed")
    assert changed == []
    with stack.cluster.kube as kube:
        alert = kube.get(ALERT) or {}
    assert {entry["apiVersion"] for entry in alert["metadata"]["managedFields"]} == {"notification.toolkit.fluxcd.io/v1beta3"}
    stack.preview("--expect-no-changes")
