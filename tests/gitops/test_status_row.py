from datetime import UTC, datetime
from typing import Any

import pytest

from gitops.status.conditions import row_of
from gitops.status.row import Readiness, StatusRow
from tests.gitops.flux_objects import COMMIT, condition, flux_object, objects_only, ready


def kustomization(*conditions: dict[str, Any], **more: Any) -> StatusRow:
    return row_of(flux_object("Kustomization", "cluster-apps", *conditions, **more))


def test_ready_counts_when_it_is_about_the_newest_generation() -> None:
    row = kustomization(ready("Applied revision: main", generation=3), generation=3)
    assert (row.ready, row.reason, row.message, row.blocks) == (Readiness.YES, "Succeeded", "Applied revision: main", False)


def test_ready_of_an_older_generation_is_not_ready() -> None:
    row = kustomization(ready("Applied revision: main", generation=2), generation=3)
    assert (row.ready, row.reason) == (Readiness.UNKNOWN, "Outdated")
    assert row.message == "generation 3 has no report yet; the report on generation 2: Applied revision: main"
    assert row.blocks, "a stale success must not let a wait end"


def test_ready_needs_the_observed_generation_of_the_status_too() -> None:
    row = kustomization(ready(generation=3), generation=3, status={"observedGeneration": 2})
    assert row.ready is Readiness.UNKNOWN


def test_a_failure_is_dated_by_its_condition_because_flux_moves_the_status_only_at_the_end() -> None:
    failed = condition("Ready", "False", "BuildFailed", "no such path", generation=3)
    row = kustomization(failed, generation=3, status={"observedGeneration": -1})
    assert (row.ready, row.reason, row.message) == (Readiness.NO, "BuildFailed", "no such path")


def test_a_failure_of_an_older_generation_is_unknown() -> None:
    assert kustomization(condition("Ready", "False", "BuildFailed", generation=1), generation=2).ready is Readiness.UNKNOWN


def test_a_kind_without_observed_generation_is_believed() -> None:
    body = flux_object("ExternalArtifact", "a", ready(), generation=4)
    del body["status"]["observedGeneration"], body["status"]["conditions"][0]["observedGeneration"]
    assert row_of(body).ready is Readiness.YES


def test_a_controller_at_work_makes_it_unknown_and_says_at_what() -> None:
    at_work = condition("Reconciling", "True", "Progressing", "Running health checks with a timeout of 5m")
    for before in (condition("Ready", "Unknown", "Progressing", "Reconciliation in progress"), ready()):
        row = kustomization(before, at_work)
        assert (row.ready, row.reconciling, row.message) == (Readiness.UNKNOWN, True, "Running health checks with a timeout of 5m")


def test_a_failure_that_is_retried_stays_a_failure_with_its_own_message() -> None:
    row = kustomization(
        condition("Ready", "False", "HealthCheckFailed", "timeout waiting for: [Deployment/x]"),
        condition("Reconciling", "True", "ProgressingWithRetry", "Reconciling"),
    )
    assert (row.ready, row.reconciling, row.stalled) == (Readiness.NO, True, False)
    assert row.message == "timeout waiting for: [Deployment/x]"


def test_a_stalled_object_says_so() -> None:
    stalled = condition("Stalled", "True", "RetriesExceeded", "Failed to install after 1 attempt(s)")
    row = row_of(flux_object("HelmRelease", "jellyfin", condition("Ready", "False", "InstallFailed", "values are wrong"), stalled))
    assert (row.ready, row.stalled, row.reason, row.message) == (Readiness.NO, True, "InstallFailed", "values are wrong")


@pytest.mark.parametrize("others", [[], [ready()]], ids=["alone", "beside a success"])
def test_stalled_is_a_failure_without_a_failed_ready_condition(others: list[dict[str, Any]]) -> None:
    row = kustomization(*others, condition("Stalled", "True", "InvalidURL", "no such scheme"))
    assert (row.ready, row.stalled, row.message) == (Readiness.NO, True, "no such scheme")


def test_what_stalled_before_the_newest_change_is_not_stalled_any_more() -> None:
    row = kustomization(
        condition("Ready", "False", "InvalidURL", "no such scheme", generation=1),
        condition("Stalled", "True", "InvalidURL", generation=1),
        generation=2,
    )
    assert (row.ready, row.stalled) == (Readiness.UNKNOWN, False)


def test_a_suspended_object_is_neither_ready_nor_a_fault() -> None:
    row = kustomization(condition("Ready", "False", "BuildFailed", "no such path"), spec={"suspend": True})
    assert (row.ready, row.reason, row.message, row.blocks) == (Readiness.SUSPENDED, "Suspended", "no such path", False)


def test_an_object_on_its_way_out_is_not_ready_whatever_else_it_says() -> None:
    gone = {"deletionTimestamp": "2026-11-23T12:00:00Z", "finalizers": ["finalizers.fluxcd.io"]}
    row = kustomization(ready(), metadata=gone, spec={"suspend": True})
    assert (row.ready, row.reason) == (Readiness.NO, "Deleting")
    assert row.message == "being deleted; waiting for its finalizers: finalizers.fluxcd.io"


def test_an_object_nobody_has_looked_at_is_unknown() -> None:
    row = kustomization()
    assert (row.ready, row.reason, row.message, row.blocks) == (
        Readiness.UNKNOWN,
        "NotReported",
        "no controller has reported on it yet",
        True,
    )


@pytest.mark.parametrize(
    ("kind", "spec"),
    [("HelmRepository", {"type": "oci"}), ("Alert", {}), ("Provider", {})],
    ids=["OCI HelmRepository", "Alert", "Provider"],
)
def test_an_object_that_never_reports_keeps_nobody_waiting(kind: str, spec: dict[str, Any]) -> None:
    row = row_of(flux_object(kind, "silent", spec=spec))
    assert (row.ready, row.reason, row.blocks) == (Readiness.NEVER, "NoStatus", False)


def test_an_alert_that_an_earlier_flux_reports_on_is_judged() -> None:
    assert row_of(flux_object("Alert", "old", condition("Ready", "False", "Invalid"))).ready is Readiness.NO


def test_an_ordinary_helm_repository_without_a_status_is_waited_for() -> None:
    assert row_of(flux_object("HelmRepository", "internal", spec={"type": "default"})).ready is Readiness.UNKNOWN


@pytest.mark.parametrize(
    ("kind", "status", "revision"),
    [
        ("GitRepository", {"artifact": {"revision": f"main@sha1:{COMMIT}"}}, f"main@sha1:{COMMIT}"),
        ("HelmChart", {"artifact": {"revision": "0.1.0"}}, "0.1.0"),
        ("Kustomization", {"lastAppliedRevision": "main@sha1:aa", "lastAttemptedRevision": "main@sha1:bb"}, "main@sha1:aa"),
        ("HelmRelease", {"history": [{"chartVersion": "0.2.0"}, {"chartVersion": "0.1.0"}], "lastAttemptedRevision": "0.3.0"}, "0.2.0"),
        ("HelmRelease", {"lastAttemptedRevision": "0.3.0"}, ""),
        ("ImagePolicy", {"latestRef": {"name": "registry/app", "tag": "1.2.3"}}, "1.2.3"),
        ("Receiver", {}, ""),
        ("GitRepository", {"artifact": None}, ""),
    ],
)
def test_each_kind_has_its_own_revision(kind: str, status: dict[str, Any], revision: str) -> None:
    assert row_of(flux_object(kind, "x", status=status)).revision == revision


def test_the_age_is_that_of_the_last_change_of_readiness_or_revision() -> None:
    artifact = {"artifact": {"revision": "main", "lastUpdateTime": "2026-11-23T12:30:00Z"}}
    row = row_of(flux_object("GitRepository", "x", ready(since="2026-11-23T12:00:00Z"), status=artifact))
    assert row.changed == datetime(2026, 11, 23, 12, 30, tzinfo=UTC)
    assert kustomization().changed == datetime(2026, 11, 23, 11, 0, tzinfo=UTC), "the creation, while nothing is reported"


def test_rows_come_in_the_same_order_however_the_server_lists_them() -> None:
    bodies = [
        flux_object("HelmRelease", "b", namespace="media"),
        flux_object("NewKind", "later"),
        flux_object("HelmRelease", "a", namespace="media"),
        flux_object("Receiver", "hook"),
        flux_object("HelmRelease", "z", namespace="apps"),
        flux_object("Kustomization", "k"),
        flux_object("HelmChart", "c"),
        flux_object("GitRepository", "g"),
    ]
    expected = ["g", "c", "k", "z", "a", "b", "hook", "later"]
    assert [row.name for row in objects_only(bodies)] == expected
    assert [row.name for row in objects_only(bodies[::-1])] == expected


def test_a_webhook_path_and_a_password_in_a_url_are_not_shown() -> None:
    path, password = "/hook/" + "ab12" * 16, "Swordfish" + "99"
    row = kustomization(ready(f"Receiver initialized for path: {path}"))
    assert row.message == "Receiver initialized for path: /hook/…"
    row = kustomization(condition("Ready", "False", "GitOperationFailed", f"cannot clone 'https://git:{password}@host/x': refused"))
    assert row.message == "cannot clone 'https://git:…@host/x': refused"
    row = kustomization(ready("cloned ssh://git@host:2222/x"))
    assert row.message == "cloned ssh://git@host:2222/x", "a user alone is no secret, and a port no password"
