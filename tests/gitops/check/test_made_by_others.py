"""Which Secrets and ConfigMaps exist because another program makes them of an object in Git."""

from typing import Any

import pytest

from gitops.check.follow.built_object import BuiltObject
from gitops.check.follow.made_by_others import changes_kustomizations, made_by

HERE, ANYWHERE = "apps", ""


def an(kind: str, group: str = "x.test", spec: dict[str, Any] | None = None, **metadata: Any) -> BuiltObject:
    version = f"{group}/v1" if group else "v1"
    body = {"apiVersion": version, "kind": kind, "metadata": {"name": "it", "namespace": HERE, **metadata}, "spec": spec or {}}
    return BuiltObject(body=body, file="a.yaml", line=1)


@pytest.mark.parametrize(
    ("item", "made"),
    [
        (an("ExternalSecret", spec={"target": {"name": "keys"}}), {("Secret", HERE, "keys")}),
        (an("ExternalSecret"), {("Secret", HERE, "it")}),
        (an("ClusterExternalSecret", spec={"externalSecretName": "keys"}), {("Secret", ANYWHERE, "it"), ("Secret", ANYWHERE, "keys")}),
        (an("SealedSecret", spec={"template": {"metadata": {"name": "keys"}}}), {("Secret", HERE, "it"), ("Secret", HERE, "keys")}),
        (an("SopsSecret", spec={"secretTemplates": [{"name": "keys"}, {}]}), {("Secret", HERE, "it"), ("Secret", HERE, "keys")}),
        (
            an("InfisicalSecret", spec={"managedSecretReference": {"secretName": "keys", "secretNamespace": "b"}}),
            {("Secret", HERE, "it"), ("Secret", "b", "keys")},
        ),
        (an("Certificate", spec={"secretName": "tls"}), {("Secret", HERE, "tls")}),
        (an("OnePasswordItem"), {("Secret", HERE, "it")}),
        (an("Bundle"), {("Secret", ANYWHERE, "it"), ("ConfigMap", ANYWHERE, "it")}),
        (
            an("ClusterPolicy", spec={"rules": [{"generate": {"kind": "Secret", "name": "keys"}}, {"validate": {}}]}),
            {("Secret", ANYWHERE, "keys")},
        ),
        (an("Secret", "", annotations={"reflector.v1.k8s.emberstack.com/reflection-allowed": "true"}), {("Secret", ANYWHERE, "it")}),
        (an("Secret", ""), set()),
        (an("Deployment", "apps"), set()),
        (an("SecretStore", spec={"a": [1]}), set()),
    ],
)
def test_it_is_there(item: BuiltObject, made: set[tuple[str, str, str]]) -> None:
    assert set(made_by(item)) == made


RULE = {"apiGroups": ["kustomize.toolkit.fluxcd.io"], "resources": ["kustomizations"]}
KYVERNO = {"match": {"any": [{"resources": {"kinds": ["kustomize.toolkit.fluxcd.io/v1/Kustomization"]}}]}, "mutate": {"targets": []}}


@pytest.mark.parametrize(
    ("item", "changes"),
    [
        (an("OCIRepository", spec={"url": "oci://ghcr.io/x/charts/kustomize-mutating-webhook"}), True),
        (an("HelmRelease", spec={"chart": {"spec": {"chart": "kustomize-mutating-webhook"}}}), True),
        (an("HelmRelease", spec={"chart": {"spec": {"chart": "podinfo"}}}), False),
        (an("MutatingAdmissionPolicy", spec={"matchConstraints": {"resourceRules": [RULE]}}), True),
        (an("MutatingAdmissionPolicy", spec={"matchConstraints": {"resourceRules": [{**RULE, "resources": ["pods"]}]}}), False),
        (an("MutatingAdmissionPolicy", spec={"matchConstraints": {"resourceRules": [{**RULE, "apiGroups": ["apps"]}]}}), False),
        (an("ClusterPolicy", "kyverno.io", spec={"rules": [KYVERNO]}), True),
        (an("ClusterPolicy", "kyverno.io", spec={"rules": [{**KYVERNO, "mutate": {}, "validate": {"message": "x"}}]}), False),
        (an("ClusterPolicy", "x.test", spec={"rules": [KYVERNO]}), False),
        (an("ConfigMap", ""), False),
    ],
    ids=str,
)
def test_who_changes_kustomizations_is_known(item: BuiltObject, changes: bool) -> None:
    assert changes_kustomizations(item) is changes


def test_a_webhook_of_git_changes_what_it_says() -> None:
    hook = an("MutatingWebhookConfiguration")

    assert changes_kustomizations(BuiltObject(body={**hook.body, "webhooks": [{"rules": [RULE]}]}, file="a.yaml", line=1))
    assert not changes_kustomizations(
        BuiltObject(body={**hook.body, "webhooks": [{"rules": [{**RULE, "resources": []}]}]}, file="", line=1)
    )
