"""The built-in objects of Flux's manifests are judged as the API server would judge them."""

from typing import Any

import pytest

from flux.merge_patch import merge_patch
from flux.release.install import install_objects
from flux.release.install_options import InstallOptions
from flux.release.tested import TESTED_VERSIONS
from flux.schema.built_in import built_in_findings
from tests.manifests import distribution
from tests.messages import assert_well_formed


def deployment(pod: dict[str, Any] | None = None, **patch: Any) -> dict[str, Any]:
    found = next(body for body in distribution().objects if (body["kind"], body["metadata"]["name"]) == ("Deployment", "source-controller"))
    changed: dict[str, Any] = merge_patch(found, {"spec": {"template": {"spec": pod}}} if pod else patch)
    return changed


def with_container(**patch: Any) -> dict[str, Any]:
    (container,) = deployment()["spec"]["template"]["spec"]["containers"]
    return deployment({"containers": [merge_patch(container, patch)]})


def told(body: dict[str, Any]) -> list[str]:
    findings = built_in_findings(body)
    for finding in findings:
        assert_well_formed(finding.message)
    return [f"{finding.dotted.removeprefix('spec.template.spec.')}: {finding.message.wrong}" for finding in findings]


@pytest.mark.parametrize("version", TESTED_VERSIONS)
@pytest.mark.parametrize("size", [None, "small", "large"])
def test_every_object_of_every_tested_release_is_taken(version: str, size: str | None) -> None:
    options = InstallOptions(
        size=size,
        image_pull_secret="login",
        tolerations=[{"key": "a", "operator": "Exists", "tolerationSeconds": 5, "effect": "NoExecute"}],
    )
    objects = install_objects(distribution(version), options)

    assert [finding for body in (*objects.definitions, *objects.controllers) for finding in built_in_findings(body)] == []


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (deployment({"containers": []}), ["containers: is empty"]),
        (deployment({"containers": None}), ["containers: is required but missing"]),
        (deployment({"containers": {"name": "manager"}}), ["containers: is a map, not a list"]),
        (with_container(image=None), ["containers[0].image: is required but missing"]),
        (with_container(name=None), ["containers[0].name: is required but missing"]),
        (with_container(args="--a"), ['containers[0].args: "--a" is not a list']),
        (with_container(args=[5]), ["containers[0].args[0]: 5 is not text"]),
        (with_container(imagePulPolicy="Always"), ['containers[0].imagePulPolicy: "imagePulPolicy" is not a field here']),
        (with_container(env=[{"value": "x"}]), ["containers[0].env[0].name: is required but missing"]),
        (with_container(resources={"limits": {"memory": "2GB"}}), ['containers[0].resources.limits.memory: "2GB" is not a quantity']),
        (
            with_container(resources={"requests": {"memory": "2Gi"}, "limits": {"memory": "1Gi"}}),
            ["containers[0].resources.requests.memory: is 2Gi, more than the limit of 1Gi"],
        ),
        (
            with_container(volumeMounts=[{"name": "dta", "mountPath": "/data"}]),
            ["containers[0].volumeMounts[0].name: names a volume that the pod does not have"],
        ),
        (deployment({"tolerations": {"key": "a"}}), ["tolerations: is a map, not a list"]),
        (deployment({"nodeSelector": {"ssd": True}}), ["nodeSelector.ssd: true is not text"]),
        (deployment(spec={"replicas": -1}), ["spec.replicas: -1 is less than 0"]),
        (deployment(spec={"template": None}), ["spec.template: is required but missing"]),
        (
            deployment(spec={"template": {"metadata": {"labels": {"app": "other"}}}}),
            ["spec.template.metadata.labels: lacks the label app: source-controller, by which the Deployment finds its pods"],
        ),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_what_the_api_server_would_refuse_of_a_deployment_is_found(body: dict[str, Any], expected: list[str]) -> None:
    assert told(body) == expected


def test_a_second_container_without_an_image_is_found_at_its_index() -> None:
    containers = [*deployment()["spec"]["template"]["spec"]["containers"], {"name": "sidecar"}]

    assert told(deployment({"containers": containers})) == ["containers[1].image: is required but missing"]
    assert told(deployment({"containers": [*containers[:1], containers[0]]})) == ["containers[1]: has the same name as an earlier item"]


def test_a_field_that_may_be_newer_than_the_types_is_let_pass() -> None:
    body = deployment({"somethingOfTheFuture": {"a": 1}})

    assert told(body) == ['somethingOfTheFuture: "somethingOfTheFuture" is not a field here']
    assert [bool(built_in_findings(body, version)) for version in ("1.36", "v1.37.2", "1.38")] == [True, True, False]


def test_a_volume_has_one_source() -> None:
    volumes = deployment()["spec"]["template"]["spec"]["volumes"]

    assert told(deployment({"volumes": [{**volumes[0], "persistentVolumeClaim": {"claimName": "a"}}, *volumes[1:]]})) == [
        "volumes[0]: has emptyDir and persistentVolumeClaim, but a volume has one source"
    ]


def test_a_kind_that_is_not_in_the_manifests_is_not_judged() -> None:
    assert built_in_findings({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "a"}, "spec": 5}) == []
