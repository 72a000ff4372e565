"""What depends on how Flux is installed: its version, and the gates of its controllers."""

from typing import Any

import pytest

from flux.finding import STACK_FILE
from flux.rules import check
from flux.rules.versions import KUBERNETES_OF_FLUX
from tests.flux.rules.plans import an, git, ks, oci, planned, release, said

ARTIFACT = {"kind": "ExternalArtifact", "name": "split"}


@pytest.mark.parametrize(
    ("flux", "kubernetes"),
    [
        ("v2.7.5", "1.32"),
        ("v2.8.8", "v1.35.4"),
        ("v2.9.4", "1.36"),
        ("v2.9.4", None),
        ("v2.10.0", "1.35"),
        ("v2.10.0", "v1.35.2"),
        ("v2.11.0", "1.20"),
        ("v2.9.4", "newest"),
        ("main", "1.36"),
    ],
)
def test_a_supported_or_unknown_pair_of_versions_is_fine(flux: str, kubernetes: str | None) -> None:
    assert said(flux_version=flux, kubernetes_version=kubernetes) == []


def test_an_unsupported_kubernetes_names_the_flux_that_supports_it() -> None:
    (finding,) = check(planned(flux_version="v2.9.4", kubernetes_version="1.33"))
    assert (finding.object, finding.where, finding.dotted) == (None, STACK_FILE, "cluster.kubernetesVersion")
    assert str(finding.message) == (
        "is 1.33, but Flux 2.9 supports 1.34 to 1.36. The controllers would run untested, and may find APIs missing. Install Flux "
        "2.7 or 2.8, or bring the cluster to a supported version first."
    )


def test_a_kubernetes_that_no_flux_supports_yet() -> None:
    (sentence,) = said(flux_version="v2.10.1", kubernetes_version="v1.38.0")
    assert sentence.endswith("Install a Flux that supports it, or bring the cluster to a supported version first.")


@pytest.mark.parametrize(("given", "first"), [("v1.35.1", "1.35.2"), ("1.36.0", "1.36.1")])
def test_some_patch_releases_are_too_old(given: str, first: str) -> None:
    assert said(flux_version="v2.10.0", kubernetes_version=given) == [
        f"stack file cluster.kubernetesVersion: is {given.removeprefix('v')}, but Flux 2.10 needs at least {first}. Flux's release "
        f"page excludes this API server. Bring the cluster to {first} first."
    ]


def test_each_flux_minor_supports_three_kubernetes_minors() -> None:
    assert all(supported.newest - supported.oldest == 2 for supported in KUBERNETES_OF_FLUX.values())


@pytest.mark.parametrize(
    "given",
    [
        {"components": frozenset({"source-controller", "kustomize-controller", "helm-controller", "source-watcher"})},
        {"flags": {name: {"feature-gates": "ExternalArtifact=true"} for name in ("kustomize-controller", "helm-controller")}},
    ],
    ids=["source-watcher", "flag"],
)
def test_an_external_artifact_needs_its_gate(given: dict[str, Any]) -> None:
    bodies = [ks(sourceRef=ARTIFACT), release(chartRef=ARTIFACT)]
    assert said(*bodies, **given) == []
    assert said(*bodies) == [
        "Kustomization/flux-system/apps spec.sourceRef.kind: is ExternalArtifact, but the feature gate ExternalArtifact of "
        "kustomize-controller is disabled. The controller would deny Kustomization/flux-system/apps access. Add source-watcher to "
        "gitops:flux.components, or write gitops:flux.flags.kustomize-controller.feature-gates: [ExternalArtifact=true].",
        "HelmRelease/flux-system/web spec.chartRef.kind: is ExternalArtifact, but the feature gate ExternalArtifact of "
        "helm-controller is disabled. The controller would deny HelmRelease/flux-system/web access. Add source-watcher to "
        "gitops:flux.components, or write gitops:flux.flags.helm-controller.feature-gates: [ExternalArtifact=true].",
    ]


def test_gates_of_ones_own_take_the_place_of_what_source_watcher_sets() -> None:
    flags = {"kustomize-controller": {"feature-gates": ["GroupChangeLog=true"]}}
    assert (
        len(
            said(
                ks(sourceRef=ARTIFACT),
                flags=flags,
                components=frozenset({"source-controller", "kustomize-controller", "helm-controller", "source-watcher"}),
            )
        )
        == 1
    )


def test_a_cloud_identity_of_ones_own_needs_a_gate_before_flux_2_10() -> None:
    bodies = [git(provider="azure", serviceAccountName="reader")]
    assert said(*bodies, flux_version="v2.10.0") == []
    assert said(*bodies, flags={"source-controller": {"feature-gates": ["ObjectLevelWorkloadIdentity=true"]}}) == []
    assert said(*bodies) == [
        "GitRepository/flux-system/homelab spec.serviceAccountName: needs the feature gate ObjectLevelWorkloadIdentity, which is "
        "disabled. Flux would not reconcile the GitRepository. Write gitops:flux.flags.source-controller.feature-gates: "
        "[ObjectLevelWorkloadIdentity=true], or remove serviceAccountName."
    ]


def test_decrypting_with_an_account_of_ones_own_needs_the_gate_too() -> None:
    (sentence,) = said(git(), ks(decryption={"provider": "sops", "serviceAccountName": "kms"}))
    assert sentence.startswith("Kustomization/flux-system/apps spec.decryption.serviceAccountName: needs the feature gate")


def test_an_account_for_pull_secrets_or_impersonation_needs_no_gate() -> None:
    assert said(git(), oci(serviceAccountName="puller"), ks(serviceAccountName="deployer"), an("Bucket", "b", serviceAccountName="x")) == []
