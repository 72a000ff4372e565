"""Controllers that do not come up: `gitops up` ends with the reasons, the events and the way back, and the next `up` mends it.

Reasons and events are the real scheduler's and controller-manager's. Pulumi waits five minutes for a Deployment, so this belongs to
`make soak`, and one run shows a pod that no node takes as well as pods that a quota forbids.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from flux.release.tested import TESTED_VERSIONS
from gitops.status.row import Readiness
from tests.e2e.lifecycle.objects import figure, objects_of, synced, uids
from tests.e2e.running_stack import CLONE, RunningStack, changed_stack_file, eventually
from tests.manifests import manifests_directory

NEWEST, OLDER = TESTED_VERSIONS[:2]
QUOTAS = "/api/v1/namespaces/flux-system/resourcequotas"
QUIET = ("--yes", "--skip-preview", "--non-interactive", "--color", "never")
NOWHERE = {"notification-controller": {"nodeSelector": {"no-such-label": "anywhere"}}}
CRITICAL = {"matchExpressions": [{"operator": "In", "scopeName": "PriorityClass", "values": ["system-cluster-critical"]}]}
"""What all of Flux's controllers are but notification-controller."""


@dataclass(frozen=True, kw_only=True)
class FailedUp:
    """What a `gitops up` printed."""

    stack: RunningStack
    uids: dict[str, str]
    """Of the stack's objects before it."""
    of_pulumi: str
    """What plain `pulumi up` prints, too."""
    blocks: dict[str, list[str]]
    """Controller → what is said of it at the end."""
    last: str


def stack_file(folder: Path) -> str:
    flux = yaml.safe_load((CLONE / "Pulumi.dev.yaml").read_text())["config"]["gitops:flux"]
    return changed_stack_file(folder, flux={**flux, "allowDowngrade": True, "controllers": NOWHERE})


@pytest.fixture(scope="module")
def failed(living: RunningStack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FailedUp]:
    """Another release, whose pods cannot come up: a quota forbids three of them, and no node takes the fourth."""
    living.up()
    synced(living)
    before = uids(objects_of(living.cluster))
    quota = {"metadata": {"name": "no-critical-pods"}, "spec": {"hard": {"pods": "0"}, "scopeSelector": CRITICAL}}
    with living.cluster.kube as kube, kube.credentials.client() as client:
        client.post(QUOTAS, json=quota).raise_for_status()
        eventually(lambda: kube.get(f"{QUOTAS}/no-critical-pods") or {}, lambda seen: "used" in seen.get("status", {}), "it is enforced")
    started = time.monotonic()
    file, manifests = stack_file(tmp_path_factory.mktemp("failing")), str(manifests_directory(OLDER))
    options = ("up", "--stack", living.name, "--", *QUIET, "--config-file", file)
    done = living.gitops(*options, changes={"GITOPS_DEV_FLUX_MANIFESTS": manifests})
    of_pulumi, _, told = done.printed.partition("\nControllers that do not run:\n")
    figure(f"`gitops up` ended with the reasons after {time.monotonic() - started:.0f} s:\n{told}")
    assert done.code not in (0, None)
    assert told, done.printed
    *lines, last = told.splitlines()
    blocks: dict[str, list[str]] = {}
    for line in lines:
        if line.startswith("    "):
            blocks[list(blocks)[-1]].append(line.strip())
        else:
            blocks[line.strip()] = []
    yield FailedUp(stack=living, uids=before, of_pulumi=of_pulumi, blocks=blocks, last=last)
    with living.cluster.kube as kube, kube.credentials.client() as client:
        client.delete(f"{QUOTAS}/no-critical-pods")
    living.up()


def test_a_pod_that_no_node_takes_is_told_in_the_schedulers_words(failed: FailedUp) -> None:
    pod, reason, *events = failed.blocks["notification-controller"]

    assert pod.startswith("pod notification-controller-")
    assert reason.startswith("reason: Unschedulable: 0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector.")
    assert any(line.startswith("event: ") and " FailedScheduling: 0/1 nodes are available" in line for line in events)


def test_pods_that_a_quota_forbids_are_told_in_the_words_of_what_would_have_made_them(failed: FailedUp) -> None:
    assert list(failed.blocks) == ["helm-controller", "kustomize-controller", "notification-controller", "source-controller"]
    reason, *events = failed.blocks["helm-controller"]

    refused = "is forbidden: exceeded quota: no-critical-pods, requested: pods=1"
    assert reason.startswith("reason: FailedCreate: pods ")
    assert refused in reason
    assert any(line.startswith("event: ") and " FailedCreate: Error creating: pods " in line and refused in line for line in events)
    assert not [line for line in events if line.startswith("pod ")]


def test_it_ends_with_the_way_back(failed: FailedUp) -> None:
    assert failed.last == f"The way back to Flux {NEWEST}: restore gitops:flux.manifests, add allowDowngrade: true, and run it again."


def test_plain_up_warns_of_the_same_while_it_waits(failed: FailedUp) -> None:
    assert "notification-controller does not come up; pod notification-controller-" in failed.of_pulumi
    assert "helm-controller does not come up; reason: FailedCreate: " in failed.of_pulumi
    assert f"The way back to Flux {NEWEST}: " in failed.of_pulumi


def test_the_next_up_mends_it(failed: FailedUp) -> None:
    stack = failed.stack
    with stack.cluster.kube as kube, kube.credentials.client() as client:
        client.delete(f"{QUOTAS}/no-critical-pods").raise_for_status()

    stack.up()

    eventually(stack.rows, lambda rows: all(row.ready is Readiness.YES for row in rows), "everything is ready")
    now = uids(objects_of(stack.cluster))
    changed = [path for path, uid in failed.uids.items() if now.get(path) != uid]
    figure(f"the next `up` mended it: {len(changed)} of {len(failed.uids)} uids changed")
    assert changed == []
    stack.preview("--expect-no-changes")
