"""The objects of a state, and the order in which an empty cluster accepts them."""

import json
from typing import Any

from bench.declared_objects import SECRET_SIGNATURE, declared_objects, staged


def body(kind: str, api_version: str = "v1", name: str = "x") -> dict[str, Any]:
    return {"apiVersion": api_version, "kind": kind, "metadata": {"name": name}}


def secret(value: object) -> dict[str, str]:
    return {SECRET_SIGNATURE[0]: SECRET_SIGNATURE[1], "plaintext": json.dumps(value)}


def state(*resources: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    return {"deployment": {"resources": [{"type": kind, "inputs": inputs} for kind, inputs in resources]}}


def test_only_kubernetes_objects_of_a_state_count() -> None:
    found = declared_objects(
        state(
            ("pulumi:pulumi:Stack", {}),
            ("pulumi:providers:kubernetes", {"kubeconfig": "k"}),
            ("gitops:index:GitSource", {}),
            ("random:index:RandomPassword", {"length": 64}),
            ("kubernetes:core/v1:Namespace", body("Namespace")),
        )
    )

    assert found == [body("Namespace")]


def test_a_state_without_resources_has_no_objects() -> None:
    assert declared_objects({"deployment": {}}) == []


def test_secrets_of_a_state_become_plain_wherever_they_are() -> None:
    one_value = body("Secret") | {"data": {"a": secret("MQ==")}}
    all_of_them = body("Secret") | {"data": secret({"a": "MQ==", "nested": [secret("Mg==")]})}

    found = declared_objects(state(("kubernetes:core/v1:Secret", one_value), ("kubernetes:core/v1:Secret", all_of_them)))

    assert [one["data"] for one in found] == [{"a": "MQ=="}, {"a": "MQ==", "nested": ["Mg=="]}]


def test_namespaces_come_before_definitions_and_definitions_before_what_they_define() -> None:
    definition = body("CustomResourceDefinition", "apiextensions.k8s.io/v1")
    source = body("GitRepository", "source.toolkit.fluxcd.io/v1")
    role = body("ClusterRole", "rbac.authorization.k8s.io/v1")

    stages = staged([source, definition, role, body("Namespace"), body("Secret"), body("Deployment", "apps/v1")])

    assert [one["kind"] for one in stages.everything] == [
        *("Namespace", "CustomResourceDefinition"),
        *("ClusterRole", "Secret", "Deployment"),
        "GitRepository",
    ]
    assert (len(stages.definitions), len(stages.install), len(stages.custom)) == (2, 3, 1)
