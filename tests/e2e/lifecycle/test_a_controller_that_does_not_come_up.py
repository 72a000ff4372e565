"""A controller that does not come up: `gitops up` ends with the reason, the events and the way back, and the next `up` mends it.

Reasons and events are the real scheduler's and controller-manager's. Pulumi waits five minutes for a Deployment, so this belongs to
`make soak`.
"""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from flux.release.tested import TESTED_VERSIONS
from gitops.status.row import Readiness
from tests.e2e.lifecycle.objects import figure, objects_of, synced, uids
from tests.e2e.running_stack import CLONE, Finished, RunningStack, changed_stack_file, eventually
from tests.manifests import manifests_directory

NEWEST, OLDER = TESTED_VERSIONS[:2]
QUOTAS = "/api/v1/namespaces/flux-system/resourcequotas"
PODS = "/api/v1/namespaces/flux-system/pods"
QUIET = ("--yes", "--skip-preview", "--non-interactive", "--color", "never")


def changed_flux(folder: Path, **changes: Any) -> str:
    flux = yaml.safe_load((CLONE / "Pulumi.dev.yaml").read_text())["config"]["gitops:flux"]
    return changed_stack_file(folder, flux={**flux, **changes})


def failed_up(stack: RunningStack, file: str, **changes: str | None) -> tuple[Finished, str, str]:
    """What was printed of a `gitops up` that fails: all of it, what plain `pulumi up` prints, and what is added at the end."""
    started = time.monotonic()
    done = stack.gitops("up", "--stack", stack.name, "--", *QUIET, "--config-file", file, changes=changes)
    assert done.code not in (0, None)
    of_pulumi, _, told = done.printed.partition("\nControllers that do not run:\n")
    figure(f"`gitops up` ended with the reason after {time.monotonic() - started:.0f} s:\n{told}")
    return done, of_pulumi, told


def is_mended(stack: RunningStack, before: dict[str, str]) -> None:
    stack.up()
    eventually(stack.rows, lambda rows: all(row.ready is Readiness.YES for row in rows), "everything is ready")
    now = uids(objects_of(stack.cluster))
    changed = [path for path, uid in before.items() if now.get(path) != uid]
    figure(f"the next `up` mended it: {len(changed)} of {len(before)} uids changed")
    assert changed == []
    stack.preview("--expect-no-changes")


@pytest.fixture(scope="module")
def running(living: RunningStack) -> RunningStack:
    living.up()
    synced(living)
    return living


def test_a_pod_that_no_node_takes_after_a_release_change_ends_with_the_schedulers_words_and_the_way_back(
    running: RunningStack, tmp_path: Path
) -> None:
    before = uids(objects_of(running.cluster))
    nowhere = {"notification-controller": {"nodeSelector": {"no-such-label": "anywhere"}}}
    file = changed_flux(tmp_path, allowDowngrade=True, controllers=nowhere)

    _, of_pulumi, told = failed_up(running, file, GITOPS_DEV_FLUX_MANIFESTS=str(manifests_directory(OLDER)))

    blocks = told.splitlines()
    assert blocks[0] == "  notification-controller"
    assert blocks[1].startswith("    pod notification-controller-")
    assert blocks[2].startswith(
        "      reason: Unschedulable: 0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector."
    )
    assert any(" FailedScheduling: 0/1 nodes are available" in line for line in blocks if line.startswith("      event: "))
    assert blocks[-1] == f"The way back to Flux {NEWEST}: restore gitops:flux.manifests, add allowDowngrade: true, and run it again."
    assert "notification-controller does not come up; pod notification-controller-" in of_pulumi, "plain `pulumi up` says it, too"
    assert f"The way back to Flux {NEWEST}" in of_pulumi
    is_mended(running, before)


@pytest.fixture
def full(running: RunningStack) -> Iterator[RunningStack]:
    """A quota that leaves no room for another pod in Flux's namespace."""
    with running.cluster.kube as kube, kube.credentials.client() as client:
        pods = len((kube.get(PODS) or {})["items"])
        quota = {"metadata": {"name": "no-more-pods"}, "spec": {"hard": {"pods": str(pods)}}}
        client.post(QUOTAS, json=quota).raise_for_status()
        eventually(lambda: kube.get(f"{QUOTAS}/no-more-pods") or {}, lambda seen: "used" in seen.get("status", {}), "it is enforced")
    yield running
    with running.cluster.kube as kube, kube.credentials.client() as client:
        client.delete(f"{QUOTAS}/no-more-pods")


def test_a_quota_that_forbids_the_pod_ends_with_the_words_of_who_would_have_made_it(full: RunningStack, tmp_path: Path) -> None:
    before = uids(objects_of(full.cluster))
    flags = {name: {"requeue-dependency": wait} for name, wait in (("kustomize-controller", "5s"), ("helm-controller", "7s"))}
    file = changed_flux(tmp_path, flags=flags)

    _, of_pulumi, told = failed_up(full, file)

    blocks = told.splitlines()
    refused = "is forbidden: exceeded quota: no-more-pods, requested: pods=1"
    assert blocks[0] == "  helm-controller"
    assert blocks[1].startswith("    reason: FailedCreate: pods ")
    assert refused in blocks[1]
    assert any(" FailedCreate: Error creating: pods " in line and refused in line for line in blocks if line.startswith("    event: "))
    assert not [line for line in blocks if line.startswith("    pod ")]
    assert blocks[-1].startswith("Correct gitops:flux in the stack file")
    assert "helm-controller does not come up; reason: FailedCreate: " in of_pulumi
    with full.cluster.kube as kube, kube.credentials.client() as client:
        client.delete(f"{QUOTAS}/no-more-pods").raise_for_status()
    is_mended(full, before)
