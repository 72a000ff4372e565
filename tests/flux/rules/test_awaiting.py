"""What can be waited for."""

from typing import Any

import pytest

from tests.flux.rules.plans import Body, an, git, ks, said

READY = {"pulumi.com/waitFor": "condition=Ready"}
OCI_HELM: dict[str, Any] = {"url": "oci://r.test/charts", "type": "oci"}


def test_a_source_may_be_awaited() -> None:
    assert said(git()) == said({**git(), "metadata": {"name": "homelab", "namespace": "flux-system", "annotations": READY}}) == []
    assert said(an("HelmRepository", "charts", annotations=READY, url="https://charts.test")) == []


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (an("HelmRepository", "x", annotations=READY, **OCI_HELM), "a HelmRepository of type oci"),
        (an("Provider", "x", annotations=READY, type="slack"), "a Provider"),
        (an("Alert", "x", annotations=READY, eventSources=[]), "an Alert"),
        (an("Bucket", "x", annotations=READY, suspend=True), "a Bucket that is suspended"),
        (an("Alert", "x", annotations={"pulumi.com/waitFor": '["jsonpath={.status.a}=b"]'}), "an Alert"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_never_becomes_ready_is_not_awaited(body: Body, what: str) -> None:
    assert said(body) == [
        f"{body['kind']}/flux-system/x metadata.annotations.pulumi.com/waitFor: waits for {what}, which never becomes ready. No "
        "controller writes its status: `pulumi up` would time out and fail. Remove the annotation pulumi.com/waitFor."
    ]


@pytest.mark.parametrize("awaited", ["jsonpath={.spec.type}", "[not json", "{}", "[1]"])
def test_what_needs_no_status_may_be_awaited(awaited: str) -> None:
    assert said(an("Alert", "x", annotations={"pulumi.com/waitFor": awaited})) == []


def test_a_health_check_of_an_object_without_status_proves_nothing() -> None:
    checks = [
        {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web", "namespace": "web"},
        {"apiVersion": "source.toolkit.fluxcd.io/v1", "kind": "HelmRepository", "name": "charts"},
        {"apiVersion": "source.toolkit.fluxcd.io/v1", "kind": "HelmRepository", "name": "index", "namespace": "flux-system"},
        {"apiVersion": "notification.toolkit.fluxcd.io/v1beta3", "kind": "Alert", "name": "brought-by-git"},
        {"apiVersion": "other.test/v1", "kind": "Provider", "name": "x"},
    ]
    bodies = [
        git(),
        an("HelmRepository", "charts", **OCI_HELM),
        an("HelmRepository", "index", url="https://c.test"),
        ks(healthChecks=checks),
    ]
    would = "The check would pass as soon as the object exists, and prove nothing."
    says = f"{would} Remove it, and check what uses the object instead."
    assert said(*bodies) == [
        "Kustomization/flux-system/apps spec.healthChecks[1]: checks a HelmRepository of type oci, whose status no controller "
        f"writes. {says}",
        f"Kustomization/flux-system/apps spec.healthChecks[3]: checks an Alert, whose status no controller writes. {says}",
    ]
