import math
from typing import Any

import pytest

from devcluster.providers.kubernetes.jsonpath import JsonPath
from devcluster.providers.kubernetes.readiness import check_for, longest_wait

LIVE = {
    "metadata": {"name": "x", "generation": 2, "labels": {"a.b/c": "d"}},
    "status": {
        "phase": "Running",
        "ready": True,
        "count": 3,
        "conditions": [{"type": "Ready", "status": "True"}, {"type": "Other"}],
        "empty": [],
    },
}


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("{.status.phase}", True),
        ("{.status.phase}=Running", True),
        ("{.status.phase}==Running", True),
        ("{$.status.phase}='Running'", True),
        (".status.phase=Running", True),
        ("{.status.phase}=Pending", False),
        ("{.status.none}", False),
        ("{.status.ready}=true", True),
        ("{.status.count}=3", True),
        ("{.status.conditions[0].status}=True", True),
        ("{.status.conditions[-1].type}=Other", True),
        ("{.status.conditions[7].type}", False),
        ("{.status.conditions[*].type}=Other", True),
        ('{.status.conditions[?(@.type=="Ready")].status}=True', True),
        ('{.status.conditions[?(@.type=="Other")].status}', False),
        ("{.metadata.labels['a.b/c']}=d", True),
        ("{.metadata.labels.a\\.b/c}=d", True),
        ("{.status.empty[*]}", False),
    ],
)
def test_a_json_path_finds_what_kubectl_finds(text: str, fits: bool) -> None:
    assert JsonPath(text).matches(LIVE) is fits


@pytest.mark.parametrize("text", ["", "status.phase", "{.status", "{.status.phase}Running", "{.a[?(@.b>1)]}", "{.a[}"])
def test_a_malformed_json_path_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="waitFor: jsonpath="):
        JsonPath(text)


def ready(kind: str, status: dict[str, Any], version: str = "apps/v1", **spec: Any) -> bool:
    live = {"apiVersion": version, "kind": kind, "metadata": {"generation": 2}, "spec": spec, "status": status}
    check = check_for(live)
    assert check
    return check(live).ready


AVAILABLE = {
    "observedGeneration": 2,
    "replicas": 2,
    "updatedReplicas": 2,
    "availableReplicas": 2,
    "conditions": [{"type": "Available", "status": "True"}, {"type": "Progressing", "status": "True"}],
}


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, True),
        ({"observedGeneration": 1}, False),
        ({"updatedReplicas": 1}, False),
        ({"availableReplicas": 1}, False),
        ({"replicas": 3}, False),
        ({"conditions": [{"type": "Available", "status": "False"}]}, False),
        ({"conditions": None}, False),
    ],
)
def test_a_deployment_is_ready_once_all_replicas_of_this_generation_are(changed: dict[str, Any], expected: bool) -> None:
    assert ready("Deployment", AVAILABLE | changed, replicas=2) is expected


def test_a_fresh_definition_has_null_conditions_and_is_not_ready_before_it_is_established() -> None:
    version = "apiextensions.k8s.io/v1"
    assert not ready("CustomResourceDefinition", {"conditions": None}, version)
    assert not ready("CustomResourceDefinition", {"conditions": [{"type": "NamesAccepted", "status": "True"}]}, version)
    assert ready("CustomResourceDefinition", {"conditions": [{"type": "Established", "status": "True"}]}, version)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ({"observedGeneration": 2, "availableReplicas": 2}, True),
        ({"observedGeneration": 1, "availableReplicas": 2}, False),
        ({"observedGeneration": 2, "availableReplicas": 1}, False),
        ({"observedGeneration": 2, "availableReplicas": 3}, False),
        ({"observedGeneration": 2}, False),
    ],
)
def test_a_replication_controller_is_ready_with_exactly_its_replicas_of_this_generation(status: dict[str, Any], expected: bool) -> None:
    assert ready("ReplicationController", status, "v1", replicas=2) is expected


def test_a_replication_controller_without_replicas_is_waited_for_in_vain_as_by_the_real_plugin() -> None:
    assert not ready("ReplicationController", {"observedGeneration": 2}, "v1", replicas=0)


@pytest.mark.parametrize(
    ("phase", "expected"), [("Available", True), ("Bound", True), ("Pending", False), ("Released", False), ("", False)]
)
def test_a_volume_is_ready_when_it_is_available_or_bound(phase: str, expected: bool) -> None:
    assert ready("PersistentVolume", {"phase": phase}, "v1") is expected


def test_a_quota_is_ready_once_the_limits_it_states_are_those_that_are_enforced() -> None:
    assert not ready("ResourceQuota", {}, "v1", hard={"pods": "5"})
    assert not ready("ResourceQuota", {"hard": {"pods": "4"}}, "v1", hard={"pods": "5"})
    assert not ready("ResourceQuota", {"hard": {"pods": "5", "secrets": "1"}}, "v1", hard={"pods": "5"})
    assert not ready("ResourceQuota", {}, "v1"), "the real plugin waits for limits that there are not"
    assert ready("ResourceQuota", {"hard": {"pods": "5"}, "used": {"pods": "0"}}, "v1", hard={"pods": "5"})


def test_an_ingress_is_ready_once_it_has_an_address() -> None:
    version = "networking.k8s.io/v1"
    assert not ready("Ingress", {"loadBalancer": {}}, version)
    assert not ready("Ingress", {}, version)
    assert ready("Ingress", {"loadBalancer": {"ingress": [{"ip": "192.0.2.1"}]}}, version)


def test_a_secret_is_ready_by_existing_unless_a_controller_puts_a_token_into_it() -> None:
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {}}
    assert check_for(secret) is None
    check = check_for({**secret, "type": "kubernetes.io/service-account-token"})
    assert check
    assert not check(secret).ready
    assert check({**secret, "data": {"token": "eA=="}}).ready


def test_some_kinds_are_waited_for_no_longer_than_the_real_plugin_does_whatever_was_asked_for() -> None:
    quota = {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {}}
    waiting = {**quota, "metadata": {"annotations": {"pulumi.com/waitFor": "jsonpath={.status.used}"}}}
    assert longest_wait(quota) == 60
    assert longest_wait(waiting) == math.inf, "what an annotation asks for is waited for as long as it says"
    assert longest_wait({"apiVersion": "v1", "kind": "Secret", "metadata": {}}) == 5
    assert longest_wait(annotated()) == math.inf


def annotated(kind: str = "Deployment", **annotations: str) -> dict[str, Any]:
    named = {f"pulumi.com/{name}": value for name, value in annotations.items()}
    return {"apiVersion": "apps/v1", "kind": kind, "metadata": {"generation": 2, "annotations": named}}


def test_skip_await_wins_over_wait_for_and_over_the_kind() -> None:
    assert check_for(annotated(skipAwait="true", waitFor="condition=Ready")) is None
    assert check_for(annotated(skipAwait="true")) is None
    assert check_for(annotated(skipAwait="false")) is not None


def test_a_custom_resource_is_ready_by_existing() -> None:
    assert check_for({"apiVersion": "example.com/v1", "kind": "Thing", "metadata": {}}) is None


@pytest.mark.parametrize(
    ("wait_for", "conditions", "expected"),
    [
        ("condition=Ready", [{"type": "Ready", "status": "True"}], True),
        ("condition=Ready", [{"type": "ready", "status": "true"}], True),
        ("condition=Ready=False", [{"type": "Ready", "status": "False"}], True),
        ("condition=Ready", [{"type": "Ready", "status": "False"}], False),
        ("condition=Ready", [{"type": "Ready", "status": "True", "observedGeneration": 1}], False),
        ("condition=Ready", [], False),
        ('["condition=Ready", "condition=Synced"]', [{"type": "Ready", "status": "True"}], False),
    ],
)
def test_conditions_count_for_this_generation_alone(wait_for: str, conditions: list[dict[str, Any]], expected: bool) -> None:
    check = check_for(annotated(waitFor=wait_for))
    assert check
    assert check({"metadata": {"generation": 2}, "status": {"conditions": conditions}}).ready is expected


@pytest.mark.parametrize("wait_for", ["condition=", "Ready", "[]", "[1]", '["a"', "jsonpath=x"])
def test_a_malformed_annotation_is_refused(wait_for: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - json's own error is one of them
        check_for(annotated(waitFor=wait_for))
