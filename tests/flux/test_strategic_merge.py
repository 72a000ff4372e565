"""Strategic merge patches, compared with `kubectl patch`, which carries them out with Kubernetes' own library."""

import copy
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from flux.errors import FluxInputError
from flux.patching.kubernetes_types import gathered_from, is_built_in, schema_of
from flux.patching.strategic_merge import strategic_merge
from flux.release.tested import TESTED_VERSIONS
from tests.gather_kubernetes_types import ROOTS
from tests.manifests import distribution

KUBECTL = Path(sys.executable).with_name("kubectl")
PROXY = [{"name": "HTTPS_PROXY", "value": "http://proxy.test:3128"}, {"name": "RUNTIME_NAMESPACE", "value": "x", "valueFrom": None}]


def pod(**spec: Any) -> dict[str, Any]:
    return {"spec": {"template": {"spec": spec}}}


def manager(**changes: Any) -> dict[str, Any]:
    return pod(containers=[{"name": "manager", **changes}])


PATCHES: dict[str, dict[str, Any]] = {
    "an environment": manager(env=PROXY),
    "a port by its number": manager(ports=[{"containerPort": 9090, "name": "web"}, {"containerPort": 9191, "name": "more"}]),
    "arguments as a whole": manager(args=["--log-level=info"]),
    "an image": manager(image="registry.test/source-controller:v1"),
    "a mount by its path": manager(volumeMounts=[{"mountPath": "/data", "name": "tmp"}, {"mountPath": "/more", "name": "data"}]),
    "a volume of another kind": pod(volumes=[{"name": "data", "emptyDir": None, "persistentVolumeClaim": {"claimName": "data"}}]),
    "a volume of two kinds": pod(volumes=[{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]),
    "a volume with what is retained": pod(
        volumes=[{"name": "data", "$retainKeys": ["name", "persistentVolumeClaim"], "persistentVolumeClaim": {"claimName": "data"}}]
    ),
    "a second container": pod(containers=[{"name": "sidecar", "image": "sidecar.test"}]),
    "a container taken away": pod(containers=[{"name": "manager", "$patch": "delete"}]),
    "containers replaced": pod(containers=[{"$patch": "replace"}, {"name": "other", "image": "other.test"}]),
    "an object replaced": pod(securityContext={"$patch": "replace", "runAsUser": 1}),
    "an object emptied": pod(securityContext={"$patch": "delete"}),
    "tolerations as a whole": pod(tolerations=[{"key": "a", "operator": "Exists"}]),
    "aliases of hosts by address": pod(hostAliases=[{"ip": "10.0.0.1", "hostnames": ["git.test"]}]),
    "a list where there was none": pod(imagePullSecrets=[{"name": "login"}]),
    "nulls in what is new": pod(affinity={"nodeAffinity": None, "podAffinity": {}}),
    "finalizers": {"metadata": {"finalizers": ["a.test/b", "a.test/b"]}},
    "what is taken away": {"spec": {"strategy": None, "template": {"metadata": {"annotations": None}}}},
    "a list that becomes null": pod(containers=None),
}


def source_controller(version: str = TESTED_VERSIONS[0]) -> dict[str, Any]:
    found = (body for body in distribution(version).objects if body["kind"] == "Deployment")
    return next(body for body in found if body["metadata"]["name"] == "source-controller")


def kubectl_patch(body: dict[str, Any], patch: dict[str, Any], folder: Path) -> dict[str, Any]:
    file = folder / "body.json"
    file.write_text(json.dumps(body), encoding="utf-8")
    command = [str(KUBECTL), "patch", "--local", "-f", str(file), "--type", "strategic", "-p", json.dumps(patch), "-o", "yaml"]
    run = subprocess.run(command, capture_output=True, text=True, check=True, env={"HOME": str(folder)})
    made: dict[str, Any] = yaml.safe_load(run.stdout)
    return made


def normal(value: Any) -> Any:
    """Without what kubectl adds, writes otherwise, or leaves out when it reads an object into Go: empty values, a null timestamp."""
    if isinstance(value, dict):
        items = {key: normal(item) for key, item in value.items() if key not in ("creationTimestamp", "status")}
        return {key: item for key, item in items.items() if item not in (None, {}, [])}
    return [normal(item) for item in value] if isinstance(value, list) else value


@pytest.mark.thorough
@pytest.mark.parametrize("name", ["an environment", "a volume with what is retained"])
def test_a_patch_does_what_it_does_for_kubectl(name: str, tmp_path: Path) -> None:
    body = source_controller()

    assert normal(strategic_merge(body, PATCHES[name])) == normal(kubectl_patch(body, PATCHES[name], tmp_path))


@pytest.mark.thorough
@pytest.mark.parametrize("name", list(PATCHES))
def test_every_patch_does_what_it_does_for_kubectl(name: str, tmp_path: Path) -> None:
    body = source_controller()

    assert normal(strategic_merge(body, PATCHES[name])) == normal(kubectl_patch(body, PATCHES[name], tmp_path))


def test_neither_the_object_nor_the_patch_is_changed() -> None:
    body = source_controller()
    before = copy.deepcopy((body, PATCHES))

    for patch in PATCHES.values():
        strategic_merge(body, patch)

    assert (body, PATCHES) == before


def test_lists_of_a_kind_that_is_not_built_in_are_replaced() -> None:
    body = {"kind": "CustomResourceDefinition", "spec": {"versions": [{"name": "v1", "served": True}]}}

    assert strategic_merge(body, {"spec": {"versions": [{"name": "v2"}]}})["spec"]["versions"] == [{"name": "v2"}]


@pytest.mark.parametrize(
    ("patch", "path", "wrong"),
    [
        (pod(containers=[{"resources": {}}]), ("containers", 0), "has no name, by which Kubernetes merges this list"),
        (manager(env=[{"value": "x"}]), ("containers", 0, "env", 0), "has no name, by which Kubernetes merges this list"),
        (manager(ports=["http"]), ("containers", 0, "ports", 0), "has no containerPort, by which Kubernetes merges this list"),
        (pod(securityContext={"$patch": "swap"}), ("securityContext", "$patch"), "is no directive"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_cannot_be_merged_is_told_with_its_place(patch: dict[str, Any], path: tuple[str | int, ...], wrong: str) -> None:
    with pytest.raises(FluxInputError) as caught:
        strategic_merge(source_controller(), patch)

    assert caught.value.path == ("spec", "template", "spec", *path)
    assert caught.value.message.wrong == wrong


def test_the_types_are_those_of_every_built_in_kind_that_flux_installs() -> None:
    kinds = {body["kind"] for version in TESTED_VERSIONS for body in distribution(version).objects} - {"CustomResourceDefinition"}

    assert kinds <= set(ROOTS)
    assert all(is_built_in(kind) and schema_of(kind)["properties"] for kind in ROOTS)
    assert gathered_from() == "1.37"
