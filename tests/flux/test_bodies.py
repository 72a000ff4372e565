"""Bodies of Flux objects are plain data, and what Flux needs is in them."""

from types import MappingProxyType
from typing import Any

import pulumi
import pytest
import yaml

from flux.bodies import (
    SecretReferences,
    config_map,
    flux_object,
    git_repository,
    helm_repository,
    kustomization,
    oci_repository,
    plain,
    secret_metadata,
)
from flux.object_reference import ObjectReference, reference_of
from tests.engine import run


def test_a_git_repository_has_url_credential_and_its_verbatim_spec() -> None:
    body = git_repository("argo-workflows", url="https://git.test/argo.git", secret_name="read", spec={"interval": "1m"})

    assert body["apiVersion"] == "source.toolkit.fluxcd.io/v1"
    assert reference_of(body) == ObjectReference("GitRepository", "flux-system", "argo-workflows")
    assert body["spec"] == {"url": "https://git.test/argo.git", "secretRef": {"name": "read"}, "interval": "1m"}
    assert body["metadata"]["labels"]["app.kubernetes.io/managed-by"] == "pulumi"


def test_a_public_source_names_no_secret() -> None:
    assert "secretRef" not in git_repository("a", url="https://git.test/a.git")["spec"]
    assert "secretRef" not in oci_repository("a", url="oci://registry.test/a")["spec"]


def test_a_helm_repository_of_an_oci_url_says_so() -> None:
    assert helm_repository("a", url="oci://registry.test/charts")["spec"]["type"] == "oci"
    assert "type" not in helm_repository("a", url="https://charts.test")["spec"]


def test_inherited_fields_are_patched_into_every_child_kustomization() -> None:
    spec = {
        "path": "./apps",
        "decryption": {"provider": "sops"},
        "postBuild": {"substitute": {"A": "b"}},
        "patches": [{"patch": "own", "target": {"kind": "Pod"}}],
    }

    body = kustomization("cluster-apps", spec=spec, inherit=["decryption", "postBuild", "timeout"])

    own, inherited = body["spec"]["patches"]
    assert own == {"patch": "own", "target": {"kind": "Pod"}}
    patch = yaml.safe_load(inherited["patch"])
    assert patch["spec"] == {"decryption": {"provider": "sops"}, "postBuild": {"substitute": {"A": "b"}}}
    assert (patch["apiVersion"], patch["kind"]) == ("kustomize.toolkit.fluxcd.io/v1", "Kustomization")
    assert inherited["target"]["kind"] == "Kustomization"
    assert inherited["target"]["group"] == "kustomize.toolkit.fluxcd.io"
    assert "substitution.flux.home.arpa/disabled" in inherited["target"]["labelSelector"]
    assert len(spec["patches"]) == 1, "the spec given must not change"


def test_nothing_is_patched_into_children_unless_asked() -> None:
    assert "patches" not in kustomization("a", spec={"path": "./", "decryption": {"provider": "sops"}})["spec"]
    assert "patches" not in kustomization("a", spec={"path": "./"}, inherit=["decryption"])["spec"]


def test_flux_rereads_config_maps_and_secrets_at_once() -> None:
    assert config_map("stack-vars", {"A": "b"})["metadata"]["labels"]["reconcile.fluxcd.io/watch"] == "Enabled"
    assert secret_metadata("sops-age")["labels"]["reconcile.fluxcd.io/watch"] == "Enabled"


def test_an_object_without_a_spec_has_none() -> None:
    assert "spec" not in flux_object("v1", "ConfigMap", "a")


@pytest.mark.parametrize(
    ("value", "where"),
    [
        ({"a": object()}, r"X\.a is a object"),
        ({"a": [1, {"b": {1, 2}}]}, r"X\.a\[1\]\.b is a set"),
        (b"bytes", r"X is a bytes"),
    ],
)
def test_what_is_not_plain_data_is_refused_with_its_place(value: Any, where: str) -> None:
    with pytest.raises(TypeError, match=where):
        plain(value, "X")


def test_an_output_is_refused_because_no_preview_could_check_it() -> None:
    def program() -> None:
        git_repository("a", url="https://git.test/a.git", spec={"interval": pulumi.Output.from_input("1m")})

    with pytest.raises(TypeError, match=r"GitRepository/a spec\.interval is a Output.*Refer to Secrets by their fixed names"):
        run(program)


def test_a_copy_is_made_of_dicts_and_lists_alone() -> None:
    given = MappingProxyType({"a": (1, 2.5, True, None, "x")})

    assert plain(given, "X") == {"a": [1, 2.5, True, None, "x"]}


def test_an_identity_is_written_as_kubectl_writes_it() -> None:
    assert str(ObjectReference("GitRepository", "flux-system", "argo")) == "GitRepository/flux-system/argo"
    assert str(ObjectReference("ClusterRole", "", "flux-view")) == "ClusterRole/flux-view"


def test_a_source_names_each_of_its_secrets_in_the_field_for_it() -> None:
    secrets: SecretReferences = {"secret_name": "login", "certificate_secret_name": "authority", "proxy_secret_name": "office"}
    named = {"secretRef": {"name": "login"}, "certSecretRef": {"name": "authority"}, "proxySecretRef": {"name": "office"}}

    assert oci_repository("a", url="oci://r.test/a", **secrets)["spec"] == {"url": "oci://r.test/a", **named}
    assert helm_repository("a", url="https://r.test/a", **secrets)["spec"] == {"url": "https://r.test/a", **named}
    assert git_repository("a", url="https://r.test/a", provider="github", secret_name="app", spec={"provider": "generic"})["spec"] == {
        "url": "https://r.test/a",
        "provider": "generic",
        "secretRef": {"name": "app"},
    }
