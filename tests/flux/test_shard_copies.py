"""The controllers of a shard: as the main ones, but for what makes them others."""

import re
from typing import Any

import pytest

from flux.patching.selectors import has_labels
from flux.release.install import InstallObjects
from flux.release.install_options import InstallOptions
from flux.release.install_patches import InstallPatch
from flux.release.usable_options import usable_options
from flux.sharding import SHARD_LABEL, SHARDED_CONTROLLERS
from flux.watching import Watcher, reconciler_among
from stacks.contract.texts import SHARD_NAME
from tests.flux.test_install import container, deployment, flags, installed, names
from tests.manifests import distribution
from tests.messages import assert_well_formed


def made(objects: InstallObjects) -> set[tuple[str, str]]:
    return {(body["kind"], body["metadata"]["name"]) for body in (*objects.definitions, *objects.controllers)}


@pytest.mark.parametrize("version", ["v2.9.4", "v2.8.8", "v2.7.5"])
def test_a_shard_adds_three_deployments_and_a_service(version: str) -> None:
    from flux.release.install import install_objects

    plain = made(install_objects(distribution(version), InstallOptions()))
    with_shard = install_objects(distribution(version), InstallOptions(shards=["shard1"]))

    assert made(with_shard) - plain == {
        ("Deployment", "source-controller-shard1"),
        ("Deployment", "kustomize-controller-shard1"),
        ("Deployment", "helm-controller-shard1"),
        ("Service", "source-controller-shard1"),
    }
    assert plain <= made(with_shard)
    for controller in SHARDED_CONTROLLERS:
        assert flags(with_shard, controller)["watch-label-selector"] == f"!{SHARD_LABEL}"
        assert flags(with_shard, f"{controller}-shard1")["watch-label-selector"] == f"{SHARD_LABEL}=shard1"
    assert "watch-label-selector" not in flags(with_shard, "notification-controller")


def test_only_components_that_are_installed_have_copies() -> None:
    objects = installed(shards=["a"], components=["source-controller", "kustomize-controller"])

    assert names(objects.controllers, "Deployment") == {
        "source-controller", "kustomize-controller", "source-controller-a", "kustomize-controller-a",
    }  # fmt: skip


def test_a_copy_has_its_own_pods_and_its_own_address() -> None:
    objects = installed(shards=["shard1"], cluster_domain="k8s.lan")
    service = next(
        body for body in objects.controllers if (body["kind"], body["metadata"]["name"]) == ("Service", "source-controller-shard1")
    )
    for controller in SHARDED_CONTROLLERS:
        of_main, of_copy = (deployment(objects, name)["spec"] for name in (controller, f"{controller}-shard1"))
        labels = of_copy["template"]["metadata"]["labels"]
        assert of_copy["selector"]["matchLabels"].items() <= labels.items(), "the Deployment finds its pods"
        assert not of_main["selector"]["matchLabels"].items() <= labels.items(), "and the main one does not"
        assert labels["app.kubernetes.io/component"] == controller
    assert service["spec"]["selector"] == {"app": "source-controller-shard1"}
    assert flags(objects, "source-controller-shard1")["storage-adv-addr"] == "source-controller-shard1.$(RUNTIME_NAMESPACE).svc.k8s.lan."


def test_a_copy_runs_as_its_original_does() -> None:
    patch = {"spec": {"template": {"spec": {"dnsPolicy": "Default"}}}}
    objects = installed(
        shards=["shard1"],
        size="large",
        registry="registry.lan/fluxcd",
        flags={"kustomize-controller": {"requeue-dependency": "3s"}},
        resources={"kustomize-controller": {"limits": {"memory": "7Gi"}}},
        controllers={"kustomize-controller": {"priorityClassName": "high"}},
        patches=[InstallPatch(target={"kind": "Deployment", "name": "kustomize-controller"}, patch=patch)],
    )

    def comparable(name: str) -> Any:
        own, spec = container(objects, name), deployment(objects, name)["spec"]["template"]["spec"]
        arguments = [each for each in own["args"] if not each.startswith("--watch-label-selector=")]
        return {**spec, "containers": [{**own, "args": arguments}]}

    assert comparable("kustomize-controller-shard1") == comparable("kustomize-controller")
    assert comparable("kustomize-controller")["dnsPolicy"] == "Default"
    assert comparable("kustomize-controller")["containers"][0]["resources"]["limits"]["memory"] == "7Gi"


def test_the_longest_name_of_a_shard_fits_the_label_of_its_pods() -> None:
    shard = max(("s" * length for length in range(1, 64) if re.fullmatch(SHARD_NAME.pattern, "s" * length)), key=len)
    objects = installed(shards=[shard])
    longest = max(len(name) for name in names(objects.controllers, "Deployment"))
    assert longest == 63


def test_a_patch_that_removes_what_a_copy_changes_is_no_crash() -> None:
    pods = ({"metadata": {"labels": None}}, {"metadata": None}, {"spec": {"containers": None}}, {"spec": None})
    removed: list[dict[str, Any]] = [{"template": pod} for pod in pods]
    removed += [{"selector": {"matchLabels": None}}, {"selector": None}, {"template": None}]
    patches: list[dict[str, Any]] = [*({"spec": each} for each in removed), {"spec": None}, {"metadata": {"labels": None}}]
    for spec in patches:
        patch = InstallPatch(target={"kind": "Deployment", "name": "helm-controller"}, patch=spec)
        assert deployment(installed(shards=["a"], patches=[patch]), "helm-controller-a")


def test_an_address_or_port_of_the_service_is_not_copied() -> None:
    given = {"type": "LoadBalancer", "externalIPs": ["192.0.2.1"], "loadBalancerIP": "192.0.2.1", "healthCheckNodePort": 30001}
    ports = [{"name": "http", "port": 80, "protocol": "TCP", "targetPort": "http", "nodePort": 30000}]
    spec = {**given, "clusterIP": "10.0.0.9", "clusterIPs": ["10.0.0.9"], "ports": ports, "selector": None}
    patch = InstallPatch(target={"kind": "Service", "name": "source-controller"}, patch={"spec": spec})
    services = {
        body["metadata"]["name"]: body["spec"] for body in installed(shards=["a"], patches=[patch]).controllers if body["kind"] == "Service"
    }

    assert services["source-controller"]["ports"][0]["nodePort"] == 30000
    assert services["source-controller-a"] == {
        "type": "LoadBalancer",
        "ports": [{"name": "http", "port": 80, "protocol": "TCP", "targetPort": "http"}],
        "selector": {"app": "source-controller-a"},
    }


@pytest.mark.parametrize(
    ("options", "path", "wrong"),
    [
        (
            {"flags": {"kustomize-controller": {"watch-label-selector": "team=a"}}},
            ("flux", "flags", "kustomize-controller", "watch-label-selector"),
            "conflicts with gitops:flux.shards, which sets the same flag",
        ),
        ({"components": ["notification-controller"]}, ("flux", "shards"), "has no controller of which a shard could have a copy"),
        (
            {
                "patches": [
                    InstallPatch(target={"kind": "Deployment", "name": "helm-controller-a"}, patch={}, written=("flux", "patches", 0))
                ]
            },
            ("flux", "patches", 0),
            "patches Deployment/helm-controller-a, which is not installed",
        ),
    ],
)
def test_what_does_not_go_with_shards_is_told(options: dict[str, Any], path: tuple[Any, ...], wrong: str) -> None:
    usable, (finding,) = usable_options(distribution(), InstallOptions(shards=["a"], **options))

    assert (finding.path, finding.message.wrong) == (path, wrong)
    assert_well_formed(finding.message)
    assert usable_options(distribution(), InstallOptions(**{**options, "patches": []}))[1] == []
    assert "watch-label-selector" not in usable.flags.get("kustomize-controller", {})


def test_each_object_has_one_controller() -> None:
    objects = installed(shards=["a", "b"])
    watchers = [
        Watcher.of(name, deployment(objects, name)["metadata"]["labels"], container(objects, name)["args"])
        for name in names(objects.controllers, "Deployment")
    ]
    for kind, controller in (("GitRepository", "source-controller"), ("Kustomization", "kustomize-controller")):
        for labels, wanted in (({}, controller), ({SHARD_LABEL: "a"}, f"{controller}-a"), ({SHARD_LABEL: "b"}, f"{controller}-b")):
            fitting = [each.name for each in watchers if each.controller == controller and has_labels(each.selector, labels)]
            assert fitting == [wanted]
            assert reconciler_among(kind, labels, watchers) == wanted
        assert reconciler_among(kind, {SHARD_LABEL: "gone"}, watchers) == f"{controller}-gone"
    assert reconciler_among("Alert", {SHARD_LABEL: "a"}, watchers) == "notification-controller"
    assert reconciler_among("Kustomization", {SHARD_LABEL: "a"}, []) == "kustomize-controller"
