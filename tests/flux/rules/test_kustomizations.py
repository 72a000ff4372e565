"""Fields that switch each other off, durations that are none, names."""

import pytest

from tests.flux.rules.plans import an, git, ks, release, said

CHECKS = [{"apiVersion": "apps/v1", "kind": "Deployment", "name": "web", "namespace": "web"}]
EXPRESSIONS = [{"apiVersion": "x.test/v1", "kind": "X", "current": "true"}]


def test_wait_would_silence_health_checks() -> None:
    assert said(git(), ks("a", wait=True), ks("b", healthChecks=CHECKS), ks("c", wait=False, healthChecks=CHECKS)) == []
    assert said(git(), ks(wait=True, healthChecks=CHECKS)) == [
        "Kustomization/flux-system/apps spec.healthChecks: has no effect with wait: true. Flux would check only what this "
        "Kustomization applies. Remove healthChecks, or remove wait to check only what is listed."
    ]


def test_health_expressions_need_a_health_check() -> None:
    assert said(git(), ks("a", wait=True, healthCheckExprs=EXPRESSIONS), ks("b", healthChecks=CHECKS, healthCheckExprs=EXPRESSIONS)) == []
    assert said(git(), ks(healthCheckExprs=EXPRESSIONS)) == [
        "Kustomization/flux-system/apps spec.healthCheckExprs: has no effect without wait or healthChecks. Flux would never "
        "evaluate these expressions. Write wait: true, or list what to check in healthChecks."
    ]


@pytest.mark.parametrize("zero", ["0s", "0h0m", "0.0ms"])
def test_an_interval_of_zero_means_never(zero: str) -> None:
    assert said(git(interval=zero)) == [
        "GitRepository/flux-system/homelab spec.interval: is zero, which means never. Flux would not reconcile it again by itself. "
        "Write a time such as 10m, or suspend: true to stop it."
    ]
    assert said(git(), ks(retryInterval=zero)) == [
        "Kustomization/flux-system/apps spec.retryInterval: is zero, which means never. Flux would not try again after a failure. "
        "Write a time such as 2m, or remove it to try again at the interval."
    ]


def test_a_timeout_of_zero_ends_every_fetch() -> None:
    assert said(git(timeout="0s")) == [
        "GitRepository/flux-system/homelab spec.timeout: is zero. Every fetch would time out at once. Write 60s."
    ]


def test_short_times_are_times() -> None:
    assert said(git(interval="0h1m", timeout="10ms"), ks(interval="0.5s", retryInterval="10s")) == []


def test_what_is_declared_twice_is_one_object() -> None:
    assert said(git("same"), an("HelmRepository", "same", url="https://c.test"), git("same", namespace="team")) == []
    assert said(git(), git()) == [
        "GitRepository/flux-system/homelab : declares GitRepository/flux-system/homelab a second time. Both are the same object in the "
        "cluster: each would overwrite the other. Rename or remove one."
    ]


def test_kinds_of_other_groups_are_other_objects() -> None:
    foreign = {"apiVersion": "other.test/v1", "kind": "GitRepository", "metadata": {"name": "homelab", "namespace": "flux-system"}}
    assert said(git(), foreign) == []


def test_an_object_without_a_spec_is_told_once() -> None:
    bare = [{key: value for key, value in body.items() if key != "spec"} for body in (git(), ks(), an("ImageUpdateAutomation", "x"))]
    assert said(*bare) == [
        f"{body['kind']}/flux-system/{body['metadata']['name']} spec: is required but missing. The API server would accept the "
        f"{body['kind']}, but Flux could not act on it. Write its spec."
        for body in bare
    ]


@pytest.mark.parametrize("kind", ["Kustomization", "HelmRelease"])
def test_a_name_must_fit_into_a_label(kind: str) -> None:
    make = {"Kustomization": ks, "HelmRelease": release}[kind]
    assert said(git(), make("n" * 63), git("s" * 100)) == []
    assert said(git(), make("n" * 64)) == [
        f"{kind}/flux-system/{'n' * 64} metadata.name: has 64 characters; at most 63 fit into a label. Flux labels everything that "
        "it applies with this name: the API server would refuse it all. Write a name of at most 63 characters."
    ]
