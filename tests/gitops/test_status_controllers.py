from datetime import UTC, datetime
from typing import Any

import pytest

from gitops.status.controllers import controller_rows
from gitops.status.row import Readiness, StatusRow
from live.client.api_answers import Deployment, used_of
from tests.gitops.flux_objects import SHARD, Body, controller, flux_object, pod, ready, watching

SOURCE = flux_object("GitRepository", "homelab-k8s2", ready())


def row(deployment: Body, *pods: Body) -> StatusRow:
    return controller_rows([deployment], pods, [])[0]


def waiting(reason: str, message: str = "") -> dict[str, Any]:
    return {"waiting": {"reason": reason, "message": message}}


def test_one_that_is_scaled_to_0_does_not_run() -> None:
    found = row(controller("source-controller", replicas=0))
    assert (found.ready, found.reason, found.blocks) == (Readiness.NO, "ScaledToZero", True)
    assert found.message == "it is scaled to 0, so nothing reconciles its objects"


def test_one_that_runs_tells_its_version_by_the_tag_of_its_image() -> None:
    assert (row(controller("source-controller")).ready, row(controller("source-controller")).revision) == (Readiness.YES, "v1.2.3")
    body = controller("source-controller")
    containers = body["spec"]["template"]["spec"]["containers"]
    for image, version in (
        ("registry:5000/flux/source-controller:v1.9.4@sha256:" + "ab" * 32, "v1.9.4"),
        ("registry:5000/source-controller@sha256:" + "ab" * 32, "sha256:" + "ab" * 32),
        ("registry:5000/source-controller", ""),
    ):
        containers[:] = [{"name": "sidecar", "image": "other:v9"}, {"name": "manager", "image": image}]
        assert row(body).revision == version


def test_its_age_is_that_of_the_version_that_runs() -> None:
    rolled_out = {"type": "Progressing", "status": "True", "reason": "NewReplicaSetAvailable", "lastUpdateTime": "2026-11-28T08:00:00Z"}
    available = {"type": "Available", "status": "True", "lastTransitionTime": "2026-11-27T08:00:00Z"}
    answer = controller("source-controller", conditions=[available, rolled_out])
    upgraded = row({**answer, **used_of(answer, Deployment, "Deployment")})
    assert upgraded.changed == datetime(2026, 11, 28, 8, tzinfo=UTC)


def test_restarts_are_counted_with_why_it_ended() -> None:
    killed = pod("source-controller", restarts=3, last_state={"terminated": {"reason": "OOMKilled"}})
    found = row(controller("source-controller"), killed, pod("helm-controller", restarts=9))
    assert (found.restarts, found.message) == (3, "running, restarted 3 times (last termination: OOMKilled)")
    assert row(controller("source-controller"), pod("source-controller")).message == "running"


@pytest.mark.parametrize(
    ("deployment", "pods", "readiness", "message"),
    [
        (controller("c", available=0), [], Readiness.UNKNOWN, "0 of 1 replicas are available"),
        (
            controller("c", available=0),
            [pod("c", state=waiting("CrashLoopBackOff", "back-off 5m0s"))],
            Readiness.NO,
            "0 of 1 replicas are available: CrashLoopBackOff: back-off 5m0s",
        ),
        (controller("c", available=0), [pod("c", state=waiting("ContainerCreating"))], Readiness.UNKNOWN, "0 of 1 replicas are available"),
        (
            controller("c", available=0, conditions=[{"type": "Progressing", "status": "False", "message": "timed out"}]),
            [],
            Readiness.NO,
            "0 of 1 replicas are available: timed out",
        ),
        (controller("c", replicas=2, available=1), [], Readiness.UNKNOWN, "1 of 2 replicas is available"),
        (controller("c", updatedReplicas=0), [], Readiness.UNKNOWN, "its newest version is being rolled out"),
        (controller("c", observedGeneration=0), [], Readiness.UNKNOWN, "its newest generation has not been observed yet"),
    ],
)
def test_one_that_is_not_available_says_why(deployment: Body, pods: list[Body], readiness: Readiness, message: str) -> None:
    found = row(deployment, *pods)
    assert (found.ready, found.message) == (readiness, message)


def test_one_that_is_not_there_is_missed_by_the_objects_that_need_it() -> None:
    rows = controller_rows([controller("kustomize-controller")], None, [SOURCE, flux_object("HelmChart", "c")])
    assert [(each.name, each.ready, each.reason) for each in rows] == [
        ("kustomize-controller", Readiness.YES, "Running"),
        ("source-controller", Readiness.NO, "Missing"),
    ]
    assert rows[1].message == "the Deployment does not exist, and nothing reconciles 2 objects of its kinds: pulumi up"


@pytest.mark.parametrize(
    "body",
    [
        flux_object("GitRepository", "left-alone", spec={"suspend": True}),
        flux_object("GitRepository", "of-a-shard", metadata={"labels": {"sharding.fluxcd.io/key": "shard1"}}),
        flux_object("ExternalArtifact", "of-another-program"),
        flux_object("NewKind", "later"),
    ],
    ids=lambda body: body["metadata"]["name"],
)
def test_nobody_is_missed_where_nobody_is_needed(body: Body) -> None:
    assert controller_rows([], None, [body]) == []


SHARDED = [watching("source-controller", f"!{SHARD}"), watching("source-controller-shard1", f"{SHARD}=shard1", "source-controller")]


def in_shard(shard: str, name: str = "apps") -> Body:
    return flux_object("GitRepository", name, ready(since="2026-11-23T13:00:00Z"), metadata={"labels": {SHARD: shard}})


def test_a_shard_has_a_row_for_each_of_its_controllers_and_what_those_did_last() -> None:
    rows = controller_rows(SHARDED, None, [SOURCE, in_shard("shard1")])

    assert [(each.name, each.ready) for each in rows] == [
        ("source-controller", Readiness.YES),
        ("source-controller-shard1", Readiness.YES),
    ]
    assert rows[0].last_reconciled != rows[1].last_reconciled


def test_the_controller_of_a_shard_is_missed_by_the_objects_of_that_shard() -> None:
    rows = controller_rows(SHARDED, None, [SOURCE, in_shard("shard1"), in_shard("shard2"), in_shard("shard2", "more")])

    assert [(each.name, each.message) for each in rows if each.ready is Readiness.NO] == [
        (
            "source-controller-shard2",
            "the Deployment does not exist, and nothing reconciles 2 objects of its kinds: pulumi up",
        )
    ]
