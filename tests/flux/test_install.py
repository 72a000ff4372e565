"""What of a release is installed, and how its controllers run."""

from typing import Any

import pytest

from flux.errors import FluxInputError
from flux.message import Message
from flux.release.install import InstallObjects, install_objects
from flux.release.install_options import InstallOptions
from flux.release.install_patches import InstallPatch
from flux.release.size_presets import SIZE_PRESETS
from flux.release.usable_options import usable_options
from tests.manifests import distribution
from tests.messages import assert_well_formed


def installed(**options: Any) -> InstallObjects:
    return install_objects(distribution(), InstallOptions(**options))


def deployment(objects: InstallObjects, controller: str) -> dict[str, Any]:
    return next(body for body in objects.controllers if body["kind"] == "Deployment" and body["metadata"]["name"] == controller)


def container(objects: InstallObjects, controller: str) -> dict[str, Any]:
    found: dict[str, Any] = deployment(objects, controller)["spec"]["template"]["spec"]["containers"][0]
    return found


def flags(objects: InstallObjects, controller: str) -> dict[str, str]:
    return dict(argument.removeprefix("--").partition("=")[::2] for argument in container(objects, controller)["args"])


def names(objects: list[dict[str, Any]], kind: str) -> set[str]:
    return {body["metadata"]["name"] for body in objects if body["kind"] == kind}


def test_the_defaults_install_four_controllers_and_what_they_share() -> None:
    objects = installed()

    assert names(objects.controllers, "Deployment") == {
        "source-controller",
        "kustomize-controller",
        "helm-controller",
        "notification-controller",
    }
    assert names(objects.controllers, "NetworkPolicy") == {"allow-egress", "allow-scraping", "allow-webhooks"}
    assert names(objects.definitions, "Namespace") == {"flux-system"}
    assert "imagepolicies.image.toolkit.fluxcd.io" not in names(objects.definitions, "CustomResourceDefinition")


def test_definitions_and_controllers_are_told_apart() -> None:
    objects = installed()

    assert {body["kind"] for body in objects.definitions} == {"Namespace", "CustomResourceDefinition"}
    assert not {"Namespace", "CustomResourceDefinition"} & {body["kind"] for body in objects.controllers}


def test_only_the_chosen_components_are_installed() -> None:
    objects = installed(components=["source-controller", "kustomize-controller"])

    assert names(objects.controllers, "Deployment") == {"source-controller", "kustomize-controller"}
    assert names(objects.controllers, "ServiceAccount") == {"source-controller", "kustomize-controller"}
    assert "helmreleases.helm.toolkit.fluxcd.io" not in names(objects.definitions, "CustomResourceDefinition")


def test_without_notification_controller_no_controller_sends_events() -> None:
    objects = installed(components=["source-controller", "kustomize-controller"])

    assert flags(objects, "source-controller")["events-addr"] == ""


def test_controllers_send_events_to_notification_controller_and_it_to_nobody() -> None:
    objects = installed(cluster_domain="k8s.lan")

    assert flags(objects, "helm-controller")["events-addr"] == "http://notification-controller.flux-system.svc.k8s.lan./"
    assert "events-addr" not in flags(objects, "notification-controller")


def test_the_cluster_domain_reaches_the_address_of_artifacts() -> None:
    assert (
        flags(installed(cluster_domain="k8s.lan"), "source-controller")["storage-adv-addr"]
        == "source-controller.$(RUNTIME_NAMESPACE).svc.k8s.lan."
    )


def test_flags_of_a_controller_are_set_and_win_over_presets() -> None:
    objects = installed(size="large", flags={"kustomize-controller": {"concurrent": 7, "sops-age-secret": "sops-age"}})

    assert flags(objects, "kustomize-controller")["concurrent"] == "7"
    assert flags(objects, "kustomize-controller")["sops-age-secret"] == "sops-age"
    assert flags(objects, "helm-controller")["concurrent"] == "20"


@pytest.mark.parametrize("size", sorted(SIZE_PRESETS))
def test_a_size_sets_concurrency_and_limits_of_the_three_working_controllers(size: str) -> None:
    objects, preset = installed(size=size), SIZE_PRESETS[size]

    for controller in ("source-controller", "kustomize-controller", "helm-controller"):
        assert flags(objects, controller)["concurrent"] == str(preset.concurrent)
        assert container(objects, controller)["resources"]["limits"] == {"cpu": preset.cpu, "memory": preset.memory}
        assert container(objects, controller)["resources"]["requests"]
    assert "concurrent" not in flags(objects, "notification-controller")


def test_images_come_from_the_chosen_registry_with_their_release_tag() -> None:
    before = container(installed(), "source-controller")["image"]

    after = container(installed(registry="registry.lan:5000/mirror/fluxcd"), "source-controller")["image"]

    assert before.startswith("ghcr.io/fluxcd/source-controller:v")
    assert after == before.replace("ghcr.io/fluxcd", "registry.lan:5000/mirror/fluxcd")


def test_network_policies_can_be_left_out() -> None:
    assert names(installed(network_policy=False).controllers, "NetworkPolicy") == set()


def test_pods_get_node_selector_tolerations_and_pull_secret() -> None:
    toleration = {"key": "control-plane", "operator": "Exists"}
    objects = installed(node_selector={"disk": "ssd"}, tolerations=[toleration], image_pull_secret="pull")

    pod = deployment(objects, "source-controller")["spec"]["template"]["spec"]
    assert pod["nodeSelector"]["disk"] == "ssd"
    assert toleration in pod["tolerations"]
    for body in objects.controllers:
        if body["kind"] == "ServiceAccount":
            assert body["imagePullSecrets"] == [{"name": "pull"}]


def test_external_artifacts_are_consumed_when_source_watcher_makes_them() -> None:
    objects = installed(components=["source-controller", "kustomize-controller", "helm-controller", "source-watcher"])

    assert flags(objects, "kustomize-controller")["feature-gates"] == "ExternalArtifact=true"
    assert "feature-gates" not in flags(installed(), "kustomize-controller")


def patched(kind: str, name: str, patch: dict[str, Any] | list[Any], index: int = 0) -> InstallPatch:
    return InstallPatch(target={"kind": kind, "name": name}, patch=patch, written=("flux", "patches", index))


def test_the_rest_can_be_patched() -> None:
    patch = {"spec": {"replicas": 2, "template": {"spec": {"priorityClassName": "high"}}}}
    objects = installed(patches=[patched("Deployment", "source-controller", patch)])

    body = deployment(objects, "source-controller")
    assert body["spec"]["replicas"] == 2
    assert body["spec"]["template"]["spec"]["priorityClassName"] == "high"
    assert body["spec"]["template"]["spec"]["containers"]


def test_the_namespace_can_be_patched_like_any_object() -> None:
    patch = {"metadata": {"labels": {"team": "platform"}}}
    objects = installed(patches=[patched("Namespace", "flux-system", patch)])

    assert objects.definitions[0]["metadata"]["labels"]["team"] == "platform"
    assert objects.definitions[0]["metadata"]["labels"]["app.kubernetes.io/part-of"] == "flux"


def test_the_release_itself_is_never_changed() -> None:
    before = repr(distribution())

    installed(
        size="large",
        flags={"source-controller": {"concurrent": 1}},
        patches=[patched("Namespace", "flux-system", {"x": 1})],
    )

    assert repr(distribution()) == before


UNUSED = "These flags would have no effect."
REFUSED: list[tuple[str, dict[str, Any], tuple[str | int, ...], Message]] = [
    (
        "component",
        {"components": ["helm-controller", "source-controler"]},
        ("flux", "components", 1),
        Message('"source-controler" is not a component of Flux v2.9.4', "It could not be installed.", "Write source-controller."),
    ),
    (
        "flags of what is not chosen",
        {"flags": {"image-reflector-controller": {}}},
        ("flux", "flags", "image-reflector-controller"),
        Message(
            "is not an installed controller",
            UNUSED,
            "Add image-reflector-controller to gitops:flux.components, or remove the flags.",
        ),
    ),
    (
        "flags of what there is not",
        {"flags": {"helm-controler": {}}},
        ("flux", "flags", "helm-controler"),
        Message("is not an installed controller", UNUSED, "Write helm-controller, or remove the flags."),
    ),
    ("size", {"size": "huge"}, ("flux", "size"), Message('"huge" is not a size', fix="Write small, medium or large.")),
    (
        "patch",
        {"patches": [patched("Deployment", "helm", {})]},
        ("flux", "patches", 0),
        Message("patches Deployment/helm, which is not installed", "The patch would have no effect.", "Write helm-controller."),
    ),
    (
        "patch of a kind that there is not",
        {"patches": [patched("Pod", "helm", {})]},
        ("flux", "patches", 0),
        Message("patches Pod/helm, which is not installed", "The patch would have no effect.", "Remove it: no Pod is installed."),
    ),
    *(
        (
            f"patch of what {kind} is",
            {"patches": [patched("Namespace", "flux-system", {}), patched(kind, name, patch, 1)]},
            ("flux", "patches", 1),
            Message(
                f"turns {kind}/{name} into another object",
                "Flux would lack the original.",
                f"Remove apiVersion, kind, name and namespace from it{more}.",
            ),
        )
        for kind, name, patch, more in (
            ("Deployment", "source-controller", {"kind": None}, ""),
            ("Namespace", "flux-system", {"metadata": None}, ""),
            (
                "CustomResourceDefinition",
                "buckets.source.toolkit.fluxcd.io",
                {"spec": {"versions": None}},
                "; of a CRD, also group, names, scope and versions",
            ),
        )
    ),
    *(
        (
            f"patch that deletes a {kind}",
            {"patches": [patched(kind, name, {"$patch": "delete"})]},
            ("flux", "patches", 0),
            Message(f"deletes {kind}/{name}", "Flux would lack it.", fix),
        )
        for kind, name, fix in (
            ("NetworkPolicy", "allow-scraping", "Write networkPolicy: false instead."),
            ("Service", "webhook-receiver", "Remove it."),
        )
    ),
    (
        "annotations",
        {"components": ["source-controller"], "service_account_annotations": {"kustomize-controller": {"a": "b"}}},
        ("decryption", "serviceAccountAnnotations"),
        Message(
            "is for kustomize-controller, which is not installed",
            "There would be no ServiceAccount to annotate.",
            "Add kustomize-controller to gitops:flux.components, or remove the annotations.",
        ),
    ),
]


@pytest.mark.parametrize(("options", "path", "message"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_a_name_that_the_release_does_not_have_is_refused_at_its_key(
    options: dict[str, Any], path: tuple[str | int, ...], message: Message
) -> None:
    _, (finding,) = usable_options(distribution(), InstallOptions(**options))

    assert (finding.object, finding.path, finding.message) == (None, path, message)
    assert_well_formed(message)
    with pytest.raises(FluxInputError) as caught:
        installed(**options)
    assert (caught.value.path, caught.value.message) == (path, message)


def test_of_two_unknown_components_each_is_told() -> None:
    usable, findings = usable_options(distribution(), InstallOptions(components=["a-controller", "b-controller"]))

    assert [finding.path for finding in findings] == [("flux", "components", 0), ("flux", "components", 1)]
    assert "source-watcher" in usable.components, "nobody should miss the one that was meant"


def test_an_account_is_annotated_by_its_controllers_name_beside_the_pull_secret() -> None:
    objects = installed(service_account_annotations={"kustomize-controller": {"a.test/role": "decrypter"}}, image_pull_secret="login")

    accounts = {body["metadata"]["name"]: body for body in objects.controllers if body["kind"] == "ServiceAccount"}
    assert accounts["kustomize-controller"]["metadata"]["annotations"] == {"a.test/role": "decrypter"}
    assert accounts["kustomize-controller"]["imagePullSecrets"] == [{"name": "login"}]
    assert "annotations" not in accounts["source-controller"]["metadata"]
