"""Whose a live object is, of managedFields as each tool leaves them."""

from typing import Any

import pytest

from flux.owners_mark import CLUSTER_LABEL, FIELD_MANAGER, STACK_LABEL, OwnersMark
from live.client.object_metadata import FieldEntry, LiveMetadata
from live.ownership.object_owners import OURS, UNKNOWN, is_former, owner_of, owners_among

MARK = OwnersMark.of("gitops", "production", "homelab")
SPEC: dict[str, Any] = {"f:spec": {"f:interval": {}}}
FINALIZERS: dict[str, Any] = {"f:metadata": {"f:finalizers": {".": {}, 'v:"finalizers.fluxcd.io"': {}}}}
ANNOTATION: dict[str, Any] = {"f:metadata": {"f:annotations": {"f:reconcile.fluxcd.io/requestedAt": {}}}}


def entry(manager: str, operation: str = "Apply", fields: dict[str, Any] = SPEC, subresource: str | None = None) -> FieldEntry:
    return FieldEntry(manager=manager, operation=operation, api_version="v1", fields_v1=fields, subresource=subresource)


def found(*entries: FieldEntry, labels: dict[str, str] | None = None, annotations: dict[str, str] | None = None) -> LiveMetadata:
    return LiveMetadata(name="a", labels=labels or {}, annotations=annotations or {}, managed_fields=list(entries))


def marked(stack: str = MARK.stack, cluster: str = MARK.cluster) -> dict[str, str]:
    return {STACK_LABEL: stack, CLUSTER_LABEL: cluster}


@pytest.mark.parametrize(
    ("live", "owner"),
    [
        pytest.param(found(labels=marked()), OURS, id="our mark"),
        pytest.param(found(labels={STACK_LABEL: MARK.stack}), OURS, id="our mark, half of which somebody removed"),
        pytest.param(found(entry("kubectl-edit", "Update"), labels=marked()), OURS, id="our mark after a kubectl edit"),
        pytest.param(
            found(entry("kustomize-controller"), labels={**marked(), "kustomize.toolkit.fluxcd.io/name": "x"}), OURS, id="the mark decides"
        ),
        pytest.param(found(labels=marked(stack="gitops.staging")), "stack/gitops.staging", id="another stack"),
        pytest.param(found(labels=marked(stack="other.production")), "stack/other.production", id="a stack of that name, another project"),
        pytest.param(found(labels=marked(cluster="attic")), "cluster/attic", id="this stack, another cluster's name"),
        pytest.param(found(entry("pulumi-kubernetes", "Update")), OURS, id="made by this program before there was a mark"),
        pytest.param(found(entry("pulumi-kubernetes-1a2b3c4d")), OURS, id="updated by it"),
        pytest.param(found(entry("pulumi-kubernetes", "Update"), entry("kubectl-edit", "Update")), OURS, id="then edited by hand"),
        pytest.param(found(entry("pulumi-kubernetes", "Update"), entry("flux", "Update")), OURS, id="then suspended by flux suspend"),
        pytest.param(
            found(entry("pulumi-kubernetes", "Update"), entry("source-controller", "Update", FINALIZERS)), OURS, id="with a finalizer"
        ),
        pytest.param(
            found(entry("pulumi-kubernetes", "Update"), entry("kube-controller-manager", "Update", SPEC, "status")),
            OURS,
            id="with a status",
        ),
        pytest.param(found(entry(FIELD_MANAGER)), OURS, id="fields taken by an up that was killed before it applied"),
        pytest.param(
            found(entry("flux"), entry("pulumi-kubernetes-1a2b3c4d")), "flux", id="a CRD of flux install that Pulumi applied, too"
        ),
        pytest.param(found(entry("flux")), "flux", id="flux install"),
        pytest.param(found(entry("flux", "Update")), "flux", id="flux create source"),
        pytest.param(found(entry("flux"), entry("kustomize-controller")), "kustomize-controller", id="flux bootstrap"),
        pytest.param(found(labels={"kustomize.toolkit.fluxcd.io/name": "flux-system"}), "kustomize-controller", id="applied from Git"),
        pytest.param(found(entry("flux-operator")), "flux-operator", id="flux-operator"),
        pytest.param(found(entry("x"), labels={"fluxcd.controlplane.io/name": "flux"}), "flux-operator", id="its label"),
        pytest.param(found(entry("helm", "Update")), "helm", id="helm install"),
        pytest.param(found(annotations={"meta.helm.sh/release-name": "flux2"}), "helm", id="an object of a release"),
        pytest.param(found(entry("argocd-controller")), "argocd", id="Argo CD"),
        pytest.param(found(entry("Terraform")), "terraform", id="Terraform"),
        pytest.param(found(entry("kubectl-create", "Update")), "kubectl", id="kubectl create"),
        pytest.param(found(entry("kubectl-client-side-apply", "Update")), "kubectl", id="kubectl apply"),
        pytest.param(found(entry("curl", "Update")), UNKNOWN, id="a program that nobody knows"),
        pytest.param(found(entry("pulumi-kubernetes", "Update"), entry("curl", "Update")), UNKNOWN, id="the same on an unmarked object"),
        pytest.param(found(), UNKNOWN, id="no field manager at all"),
        pytest.param(found(entry("kubectl-annotate", "Update", ANNOTATION)), UNKNOWN, id="an annotation makes nobody the owner"),
    ],
)
def test_an_object_is_told_by_its_mark_then_by_labels_then_by_who_wrote_it(live: LiveMetadata, owner: str) -> None:
    assert owner_of(live, MARK) == owner


def test_who_adds_a_finalizer_or_an_annotation_is_no_owner() -> None:
    additions = [entry("source-controller", "Update", FINALIZERS), entry("flux", "Update", ANNOTATION), entry("gotk-x", "Update")]

    assert owners_among([*additions, entry("curl")]) == [entry("curl")]


@pytest.mark.parametrize(
    ("owner", "manager", "operation", "is_taken"),
    [
        (OURS, "pulumi-kubernetes", "Update", True),
        (OURS, "pulumi-kubernetes-1a2b3c4d", "Apply", True),
        (OURS, FIELD_MANAGER, "Update", True),
        (OURS, FIELD_MANAGER, "Apply", False),
        (OURS, "kubectl-edit", "Update", False),
        (OURS, "flux", "Update", False),
        ("flux", "flux", "Apply", True),
        ("flux", "kubectl-edit", "Update", False),
        ("kubectl", "kubectl-client-side-apply", "Update", True),
        ("kustomize-controller", "flux", "Apply", True),
        ("kustomize-controller", "kubectl-edit", "Update", False),
        ("helm", "somebody", "Apply", False),
        ("helm", "helm-controller", "Apply", True),
        (UNKNOWN, "curl", "Update", True),
        (UNKNOWN, "gotk-source-controller", "Update", False),
        ("stack/other.production", "flux", "Apply", False),
    ],
)
def test_the_fields_of_whom_an_object_is_taken_from_are_taken_and_nobody_elses(
    owner: str, manager: str, operation: str, is_taken: bool
) -> None:
    assert is_former(owner)(entry(manager, operation)) is is_taken


def test_nobodys_status_is_taken() -> None:
    assert not is_former(UNKNOWN)(entry("curl", "Update", subresource="status"))
