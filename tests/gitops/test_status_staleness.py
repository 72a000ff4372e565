"""What is ready and has been left alone. A quiet source is not judged while its controller runs: it writes nothing down."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gitops.status.collect import rows_of
from gitops.status.row import Readiness, StatusRow
from tests.gitops.flux_objects import CONTROLLERS, SHARD, Body, controller, flux_object, ready, watching

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)


def ago(**time: float) -> str:
    return (NOW - timedelta(**time)).strftime("%Y-%m-%dT%H:%M:%SZ")


def source(since: str, interval: Any = "5m", **more: Any) -> Body:
    return flux_object("GitRepository", "homelab-k8s2", ready(since=since), spec={"interval": interval, **more.pop("spec", {})}, **more)


def stopped(name: str, since: str | None = None) -> Body:
    body = controller(name, replicas=0)
    if since:
        body["metadata"]["managedFields"] = [{"subresource": "status", "time": since}]
    return body


def judged(body: Body, *deployments: Body) -> StatusRow:
    rest = {each["metadata"]["name"] for each in deployments}
    others = [controller(name) for name in CONTROLLERS if name not in rest]
    return next(row for row in rows_of([body], [*deployments, *others], now=NOW) if not row.is_controller)


def test_a_source_that_nobody_came_to_for_two_intervals_is_not_ready_and_says_which_controller_does_not_run() -> None:
    row = judged(source(ago(hours=3)), stopped("source-controller", ago(minutes=12)))
    assert (row.ready, row.reason, row.blocks) == (Readiness.NO, "Stale", True)
    assert row.message == (
        "no sign of a reconciliation since 2026-11-23 13:48:00 UTC, with an interval of 5m; "
        "source-controller: it is scaled to 0, so nothing reconciles its objects"
    )


@pytest.mark.parametrize(
    ("seconds", "readiness"), [(660, Readiness.YES), (661, Readiness.NO)], ids=["two intervals and a minute", "a second more"]
)
def test_the_margin_is_two_intervals_and_a_minute(seconds: int, readiness: Readiness) -> None:
    assert judged(source(ago(seconds=seconds)), stopped("source-controller")).ready is readiness


def test_a_quiet_source_is_believed_while_its_controller_runs() -> None:
    assert judged(source(ago(days=30))).ready is Readiness.YES, "source-controller writes nothing where it finds nothing new"
    starting = controller("source-controller", available=0)
    assert judged(source(ago(days=30)), starting).ready is Readiness.YES, "a rollout is no silence"


@pytest.mark.parametrize(
    "body",
    [
        source(ago(days=1), status={"lastHandledReconcileAt": ago(seconds=30)}),
        source(ago(days=1), status={"artifact": {"revision": "main@sha1:aa", "lastUpdateTime": ago(seconds=30)}}),
        source(ago(days=1), metadata={"managedFields": [{"subresource": "status", "time": ago(seconds=30)}]}),
        source(ago(days=1), spec={"suspend": True}),
        source(ago(days=1), interval="0s"),
        source(ago(days=1), interval="soon"),
        source(ago(days=1), metadata={"labels": {"sharding.fluxcd.io/key": "shard1"}}),
    ],
    ids=["asked", "artifact", "status written", "suspended", "never again", "no interval", "another controller's"],
)
def test_a_sign_of_life_or_no_reason_to_expect_one_is_no_silence(body: Body) -> None:
    assert judged(body, stopped("source-controller")).reason != "Stale"


def test_a_mark_that_is_no_moment_is_no_sign_of_life() -> None:
    body = source(ago(days=1), status={"lastHandledReconcileAt": "test-12345"})
    assert judged(body, stopped("source-controller")).reason == "Stale"


def test_a_kustomization_is_judged_by_what_it_writes_down_each_time() -> None:
    def kustomization(reconciled: str) -> Body:
        history = [{"lastReconciled": reconciled, "firstReconciled": ago(days=9)}]
        return flux_object("Kustomization", "apps", ready(since=ago(days=9)), spec={"interval": "10m"}, status={"history": history})

    assert judged(kustomization(ago(minutes=15))).ready is Readiness.YES
    row = judged(kustomization(ago(minutes=25)))
    assert (row.ready, row.reason) == (Readiness.NO, "Stale")
    assert row.message.endswith("its controller does not reconcile it; see the controller's log")


def test_an_object_of_a_shard_is_judged_by_the_controller_of_its_shard() -> None:
    body = source(ago(hours=3), metadata={"labels": {SHARD: "shard1"}})
    runs = watching("source-controller", f"!{SHARD}")
    dead = watching("source-controller-shard1", f"{SHARD}=shard1", "source-controller", replicas=0)

    row = judged(body, runs, dead)

    assert (row.ready, row.reason) == (Readiness.NO, "Stale")
    assert "source-controller-shard1: it is scaled to 0" in row.message
    main = watching("source-controller", f"!{SHARD}", replicas=0)
    assert judged(body, main, watching("source-controller-shard1", f"{SHARD}=shard1", "source-controller")).ready is Readiness.YES
