"""Which Secrets and ConfigMaps exist because another program makes them of an object in Git."""

from typing import Any

import pytest

from gitops.check.follow.built_object import BuiltObject
from gitops.check.follow.made_by_others import made_by

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
