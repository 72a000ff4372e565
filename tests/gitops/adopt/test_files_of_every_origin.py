"""From a cluster of each origin: what is written is a stack without a problem, and installs what runs, down to each pod template."""

import os
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from flux.bodies import HELM_CHART_LAYER
from flux.owners_mark import OwnersMark
from flux.release.install import install_objects
from flux.release.install_options import InstallOptions
from flux.release.install_patches import InstallPatch
from gitops.adopt.adoption import adoption_of
from gitops.adopt.description import Description, NewStack, describe
from gitops.adopt.installed_difference import difference
from gitops.adopt.written_files import files_of, write
from gitops.contexts import Reached
from gitops.errors import CommandError
from live.flux_objects.running_flux import RunningFlux
from stacks.offline import load_settings_offline
from tests.engine import AMBIENT
from tests.gitops.adopt import prepared
from tests.gitops.adopt.prepared import IDENTITY, PREPARED
from tests.manifests import distribution, manifests_directory, put_manifests
from tests.stack_files import files_in

MARK = OwnersMark.of("gitops", "homelab", "homelab")
REACHED = Reached(config_file="~/.kube/config", context="admin@homelab", server="https://192.168.1.10:6443", ca_sha256="ab" * 32)
MANIFESTS = "./manifests/v2.9.4"
EVERYTHING = ("cluster-template", "flux-operator")
"""Origins that have flags, resources, patches, age keys and credentials between them: the others are like parts of them."""


@pytest.fixture(autouse=True)
def nobodys_environment() -> Any:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(AMBIENT)}
    with patch.dict(os.environ, kept, clear=True):
        yield


def described(running: RunningFlux, *, derive: bool = False, group: str = "base") -> Description:
    new_stack = NewStack(stack="homelab", mark=MARK, environment="production", reached=REACHED, manifests=MANIFESTS, group=group)
    return describe(adoption_of(running), new_stack, distribution(), derive=derive)


def written(folder: Path, description: Description) -> None:
    put_manifests(folder / "manifests", manifests_directory().parent)
    write(files_of("homelab", description), folder, replace_catalog=False)


def templates(bodies: Any) -> dict[str, Any]:
    return {body["metadata"]["name"]: body["spec"]["template"] for body in bodies if body["kind"] == "Deployment"}


@pytest.mark.parametrize("origin", [pytest.param(each, marks=() if each in EVERYTHING else pytest.mark.thorough) for each in PREPARED])
def test_the_stack_has_no_problem_and_no_pod_template_differs(origin: str, tmp_path: Path) -> None:
    running = PREPARED[origin]()

    description = described(running)
    written(tmp_path, description)

    with files_in(tmp_path):
        settings = load_settings_offline("homelab")
    now = {each.metadata.name: each.body["spec"]["template"] for each in running.installed if each.kind == "Deployment"}
    assert templates(settings.installation.objects.controllers) == now
    flags = description.stack["gitops:flux"].get("flags", {})
    assert all(list(each) == sorted(each) for each in flags.values()), "Pulumi hands over the keys of a value in this order"
    assert not {"identity", IDENTITY} & set((tmp_path / "Pulumi.homelab.yaml").read_text().split())
    assert [note for note in description.notes if "makes them" in note] == []


def test_what_each_origin_takes_over_and_from_whom(tmp_path: Path) -> None:
    found = {}
    for origin, cluster in PREPARED.items():
        description, adoption = described(cluster()), adoption_of(cluster())
        kinds = [f"{each.kind}/{each.metadata.name}" for each in adoption.objects]
        found[origin] = (description.stack["gitops:takeOver"], kinds, [each.metadata.name for each in adoption.dropped])

    root = ["GitRepository/flux-system", "Kustomization/flux-system"]
    cluster_template = ["GitRepository/home-kubernetes", "Kustomization/cluster"]
    assert found == {
        "install": (["flux"], root, []),
        "bootstrap": (["flux", "kustomize-controller"], root, []),
        "terraform": (["flux", "kustomize-controller"], root, []),
        "cluster-template": (["flux", "kubectl", "kustomize-controller"], cluster_template, ["flux", "flux-manifests"]),
        "flux-operator": (["flux", "flux-operator"], root, []),
        "chart": (["flux", "helm", "kubectl"], root, []),
    }


def test_options_say_what_differs_and_patches_only_the_rest() -> None:
    flux = described(PREPARED["cluster-template"]()).stack["gitops:flux"]

    assert flux["networkPolicy"] is False
    assert flux["flags"]["source-controller"] == {
        "concurrent": 8, "kube-api-qps": 500, "kube-api-burst": 1000, "requeue-dependency": "5s",
    }  # fmt: skip
    assert flux["flags"]["kustomize-controller"]["sops-age-secret"] is None, "the program would set it, and restart the controller"
    assert flux["resources"]["helm-controller"] == {"limits": {"cpu": "2000m", "memory": "2Gi"}}
    by_name = {each["name"]: each["patch"] for each in flux["patches"]}
    assert set(by_name) == {"helm-controller", "kustomize-controller", "source-controller"}
    (arguments,) = by_name["source-controller"]
    assert (arguments["op"], arguments["path"]) == ("replace", "/spec/template/spec/containers/0/args")
    assert arguments["value"][-3:] == ["--kube-api-qps=500", "--kube-api-burst=1000", "--requeue-dependency=5s"], "in the order that runs"
    assert "/spec/template/metadata/annotations/a.test~1b" in {each["path"] for each in by_name["helm-controller"]}
    assert "keeps the order of the arguments of source-controller, kustomize-controller, helm-controller" in " ".join(
        described(PREPARED["cluster-template"]()).notes
    )
    assert described(PREPARED["install"]()).stack["gitops:flux"] == {"manifests": MANIFESTS}


def test_what_differs_in_a_list_becomes_operations_and_nothing_else_does() -> None:
    body = next(
        each for each in prepared.installation() if each["metadata"]["name"] == "source-controller" and each["kind"] == "Deployment"
    )
    changed = deepcopy(body)
    container = changed["spec"]["template"]["spec"]["containers"][0]
    container["image"] += "@sha256:" + "0" * 64
    container["ports"] = container["ports"][:1]
    changed["spec"]["template"]["spec"]["hostNetwork"] = True
    container.pop("livenessProbe")
    at = "/spec/template/spec/containers/0"
    found = difference(body, prepared.live(changed), with_annotations=True)

    assert isinstance(found, list)
    assert {(each["op"], each["path"]) for each in found} == {
        ("replace", f"{at}/image"),
        ("replace", f"{at}/ports"),
        ("remove", f"{at}/livenessProbe"),
        ("add", "/spec/template/spec/hostNetwork"),
    }
    assert InstallPatch(target={}, patch=found).applied(body)["spec"] == changed["spec"]
    assert difference(body, prepared.live(body), with_annotations=True) == {}


def test_defaults_of_the_api_server_are_not_written_and_what_is_suspended_stays_so() -> None:
    cluster = prepared.by_install()
    suspended = prepared.live(prepared.kustomization(suspend=True))
    description = described(prepared.running(cluster.installed, [cluster.objects[0], suspended], cluster.secrets))

    assert "timeout" not in description.catalog["git"]["flux-system"]["spec"]
    assert description.catalog["kustomizations"]["flux-system"]["spec"]["suspend"] is True


@pytest.mark.parametrize("url", ["ssh://[::1", "ssh://git@h:abc/x", "ssh://git@git.test:99999/x"])
def test_a_source_whose_url_is_no_address_is_noted(url: str) -> None:
    cluster = prepared.by_install()
    broken = prepared.live(prepared.source("broken", url=url))
    description = described(prepared.running(cluster.installed, [*cluster.objects, broken], cluster.secrets))

    (note,) = (note for note in description.notes if "GitRepository/flux-system/broken" in note)
    assert "is not an address" in note
    assert [*description.catalog["hosts"]] == ["git-test"]


def test_what_belongs_to_no_running_controller_stays_and_is_no_stacks() -> None:
    cluster = prepared.by_bootstrap()
    others = prepared.installation(InstallOptions(components=["image-reflector-controller"]))
    extra = [prepared.live(each) for each in others if each["kind"] == "CustomResourceDefinition" and "image" in each["metadata"]["name"]]
    assert extra
    description = described(prepared.running([*cluster.installed, *extra], cluster.objects, cluster.secrets))

    assert "components" not in description.stack["gitops:flux"]
    assert [note for note in description.notes if all(each.metadata.name in note for each in extra)]


def test_a_kubernetes_that_the_running_release_does_not_support_is_noted_and_not_written() -> None:
    description = described(replace(prepared.by_install(), kubernetes="1.30"))

    assert "kubernetesVersion" not in description.stack["gitops:cluster"]
    assert "Flux v2.9.4 does not support Kubernetes 1.30" in description.notes[-1]
    assert described(prepared.by_install()).stack["gitops:cluster"]["kubernetesVersion"] == "1.35"


def test_the_recipient_of_an_age_key_is_written_only_if_asked_and_its_identity_never() -> None:
    silent, derived = (described(PREPARED["cluster-template"](), derive=derive) for derive in (False, True))

    assert silent.stack["gitops:age"] == {"keys": {"age": "supplied"}}
    key = derived.stack["gitops:age"]["keys"]["age"]
    assert key["origin"] == "supplied"
    assert key["recipient"].startswith("age1")
    for each in (silent, derived):
        files = files_of("homelab", each)
        assert prepared.age_identity() not in files.stack_text + files.catalog_text + repr(each)
    assert [each.key for each in silent.secrets] == ["flux-system-identity", "age-age", "pgp-homelab"]


def test_every_type_of_credential_is_recognised_by_the_entries_of_its_secret(tmp_path: Path) -> None:
    from gitops.adopt.credential_types import SECRET_FORMS
    from tests.gitops.adopt.credential_samples import CREDENTIALS, sources

    cluster = prepared.by_install()
    secrets = {name: each for name, values in CREDENTIALS.items() for _, each in prepared.secret(name, **values).items()}
    description = described(prepared.running(cluster.installed, [prepared.live(each) for each in sources()], secrets))
    written(tmp_path, description)

    types = {name: each["type"] for name, each in description.stack["gitops:credentials"].items()}
    assert types == {name: name.partition("-")[0].replace("app", "githubApp").replace("public", "publicKeys") for name in CREDENTIALS}
    assert set(types.values()) == set(SECRET_FORMS)
    assert list(description.stack["gitops:credentials"]["public-keys"]["keys"]) == ["cosign.pub"], "a private key is written nowhere"
    assert any("public-keys: the stack does not write mistaken.asc" in note for note in description.notes)
    with files_in(tmp_path):
        load_settings_offline("homelab")


def test_every_source_becomes_an_entry_of_the_section_for_its_kind(tmp_path: Path) -> None:
    registry = {"apiVersion": "source.toolkit.fluxcd.io/v1", "kind": "OCIRepository"}
    chart = {"url": "oci://registry.test/charts/podinfo", "interval": "1h", "ref": {"semver": "6.x"}, "layerSelector": HELM_CHART_LAYER}
    manifests = {"url": "oci://registry.test/you/manifests", "interval": "1h", "ref": {"tag": "v1"}}
    live = [
        prepared.live({**registry, "metadata": {"name": name, "namespace": "flux-system"}, "spec": spec})
        for name, spec in (("chart", chart), ("manifests", manifests))
    ]
    cluster = prepared.by_install()
    description = described(prepared.running(cluster.installed, [*cluster.objects, *live], cluster.secrets))
    written(tmp_path, description)

    with files_in(tmp_path):
        chosen = {each.name: each.body["spec"] for each in load_settings_offline("homelab").chosen.bodies}
    sections = {name: [*entries] for name, entries in description.catalog.items() if name != "hosts"}
    assert sections == {"git": ["flux-system"], "helm": ["chart"], "oci": ["manifests"], "kustomizations": ["flux-system"]}
    assert [chosen["chart"], chosen["manifests"]] == [chart, manifests]


def test_a_file_that_is_there_stays_and_a_catalog_is_replaced_only_where_git_has_it(tmp_path: Path) -> None:
    files = files_of("homelab", described(PREPARED["install"]()))
    (tmp_path / "catalog.yaml").write_text("git: {}\n")
    with pytest.raises(CommandError, match=r"catalog.yaml has uncommitted changes"):
        write(files, tmp_path, replace_catalog=True)
    assert not (tmp_path / "Pulumi.homelab.yaml").exists()
    assert write(files, tmp_path, replace_catalog=False) == ["Pulumi.homelab.yaml"]
    assert (tmp_path / "catalog.yaml").read_text() == "git: {}\n"
    with pytest.raises(CommandError, match=r"Pulumi.homelab.yaml exists"):
        write(files, tmp_path, replace_catalog=False)


def test_the_manifests_of_the_tests_are_those_that_run() -> None:
    assert len(install_objects(distribution(), InstallOptions()).controllers) > 10


def test_shards_as_fluxs_documentation_makes_them_are_taken_over_without_a_restart(tmp_path: Path) -> None:
    """The main controllers have the selector first, as the page has it; the copies last."""
    source_in_shard = prepared.source()
    installed = prepared.installation(InstallOptions(shards=["shard1"]))
    for body in installed:
        arguments = body["spec"]["template"]["spec"]["containers"][0]["args"] if body["kind"] == "Deployment" else []
        if "--watch-label-selector=!sharding.fluxcd.io/key" in arguments:
            arguments.remove("--watch-label-selector=!sharding.fluxcd.io/key")
            arguments.insert(0, "--watch-label-selector=!sharding.fluxcd.io/key")
        body["metadata"].get("labels", {}).pop("sharding.fluxcd.io/key", None)
    source_in_shard["metadata"]["labels"] = {"sharding.fluxcd.io/key": "shard1"}
    objects = [prepared.live(source_in_shard), prepared.live(prepared.kustomization())]
    running = prepared.running([prepared.live(each) for each in installed], objects, prepared.deploy_key())

    description = described(running)
    written(tmp_path, description)

    assert description.stack["gitops:flux"]["shards"] == ["shard1"]
    assert description.catalog["git"]["flux-system"]["labels"] == {"sharding.fluxcd.io/key": "shard1"}
    assert not any("belong to no controller" in note for note in description.notes)
    with files_in(tmp_path):
        settings = load_settings_offline("homelab")
    now = {each.metadata.name: each.body["spec"]["template"] for each in running.installed if each.kind == "Deployment"}
    assert len(now) == 4 + 3
    assert templates(settings.installation.objects.controllers) == now


def test_shards_that_a_stack_file_cannot_name_are_not_taken_over_and_told(tmp_path: Path) -> None:
    unnamed = sorted(["a.b", "UP", "a_b", "s" * 43])
    installed = prepared.installation(InstallOptions(shards=["shard1", *unnamed]))
    objects = [prepared.live(prepared.source()), prepared.live(prepared.kustomization())]

    description = described(prepared.running([prepared.live(each) for each in installed], objects, prepared.deploy_key()))
    written(tmp_path, description)

    assert description.stack["gitops:flux"]["shards"] == ["shard1"]
    (note,) = [each for each in description.notes if "cannot name such a shard" in each]
    assert ", ".join(unnamed) in note
    with files_in(tmp_path):
        assert load_settings_offline("homelab").stack.flux.shards == ["shard1"]
