"""What is accepted and what is refused, as the API server does it; compared with a real one in tests/e2e."""

from typing import Any

import pytest

from tests.flux.schema.bodies import SPECS, body, problems, said, schemas


def where(*arguments: Any, **changes: Any) -> list[str]:
    return [finding.dotted for finding in problems(*arguments, **changes)]


def raw(kind: str, path: str, value: Any) -> list[str]:
    """Like `where`, for a value that a merge patch cannot express."""
    made = body(kind)
    *parents, last = path.split(".")
    holder = made
    for parent in parents:
        holder = holder.setdefault(parent, {})
    holder[last] = value
    return [finding.dotted for finding in schemas().findings(made)]


def test_null_in_an_optional_field_is_as_if_it_were_not_there() -> None:
    assert raw("GitRepository", "spec.timeout", None) == []
    assert raw("GitRepository", "spec.ref", {"branch": None}) == []
    assert raw("Kustomization", "spec.postBuild", {"substitute": {"A": None}}) == []
    assert raw("Alert", "spec.eventSeverity", None) == []


def test_null_in_a_required_field_is_a_missing_field() -> None:
    assert raw("GitRepository", "spec.url", None) == ["spec.url"]
    assert raw("GitRepository", "spec.include", [None]) == ["spec.include[0]"]


def test_a_required_field_with_a_default_may_be_missing_or_null() -> None:
    # provider of verify is required, and cosign by default
    assert raw("OCIRepository", "spec.verify", {}) == []
    assert raw("OCIRepository", "spec.verify", {"provider": None}) == []
    assert raw("OCIRepository", "spec.verify", {"provider": "x"}) == ["spec.verify.provider"]


def test_null_in_an_unknown_field_is_still_an_unknown_field() -> None:
    assert raw("GitRepository", "spec.foo", None) == ["spec.foo"]
    assert raw("GitRepository", "foo", None) == ["foo"]


def test_no_spec_at_all_is_accepted_as_by_the_server() -> None:
    assert raw("GitRepository", "spec", None) == []


def test_defaults_come_before_the_rules() -> None:
    assert where("Bucket", {"serviceAccountName": "a"}) == ["spec"], "provider is generic by default"
    assert raw("Bucket", "spec", {**SPECS["Bucket"], "serviceAccountName": "a", "provider": None}) == ["spec"]
    assert where("Bucket", {"serviceAccountName": "a", "provider": "aws"}) == []
    assert where("Bucket", {"sts": {"provider": "ldap", "endpoint": "https://a"}}) == []
    assert where("Bucket", {"sts": {"provider": "aws", "endpoint": "https://a"}}) == ["spec"]


def test_rules_deep_in_an_object_are_judged_at_their_place() -> None:
    assert where("HelmRelease", {"install": {"strategy": {"name": "RemediateOnFailure", "retryInterval": "5m"}}}) == [
        "spec.install.strategy"
    ]
    assert where("HelmRelease", {"install": {"strategy": {"name": "RetryOnFailure", "retryInterval": "5m"}}}) == []


def test_a_rule_is_not_repeated_when_the_field_that_it_is_about_is_wrong_by_itself() -> None:
    assert where("GitRepository", {"serviceAccountName": "a", "provider": "awss"}) == ["spec.provider"]
    assert where("Receiver", {"secretRef": None, "secretref": {"name": "a"}}) == ["spec.secretref"]
    assert where("GitRepository", {"serviceAccountName": "a", "interval": "x"}) == ["spec", "spec.interval"]


@pytest.mark.parametrize("number", [3, 3.0, 0, 2**53 - 1, float(2**53 - 1), 2**63 - 1, -(2**63)])
def test_an_integer_of_64_bits_is_accepted_also_when_written_with_a_point(number: float) -> None:
    assert where("HelmRelease", {"maxHistory": number}) == []


@pytest.mark.parametrize("number", [3.5, float(2**53), 2**63, -(2**63) - 1, 2**70, 1e20, "3", True, float("nan"), float("inf")])
def test_what_is_no_integer_of_64_bits_is_refused(number: object) -> None:
    assert where("HelmRelease", {"maxHistory": number}) == ["spec.maxHistory"]


def test_the_end_of_a_pattern_is_the_end_of_the_text() -> None:
    assert where("GitRepository", {"interval": "5m\n"}) == ["spec.interval"]
    assert where("GitRepository", {"url": "https://a\nb"}) == ["spec.url"]


def test_length_counts_characters_and_not_bytes() -> None:
    assert where("Provider", {"channel": "é" * 2048}) == []
    assert where("Provider", {"channel": "é" * 2049}) == ["spec.channel"]


def test_two_items_of_a_list_map_with_the_same_key_are_refused_at_the_second() -> None:
    def receiver(*issuers: str) -> dict[str, Any]:
        providers = [{"issuerURL": issuer, "audience": "a", "validations": [{"expression": "true", "message": "a"}]} for issuer in issuers]
        return {"type": "generic-oidc", "secretRef": None, "oidcProviders": providers}

    assert where("Receiver", receiver("https://a", "https://b")) == []
    assert where("Receiver", receiver("https://a", "https://b", "https://a")) == ["spec.oidcProviders[2]"]


def test_values_of_a_helm_release_may_be_anything() -> None:
    assert where("HelmRelease", {"values": {"a": [1, "x", {"b": 2.5, "c": 2**70}]}}) == []


def test_a_status_is_dropped_and_yet_may_have_known_fields_only() -> None:
    assert where("GitRepository", status={"observedGeneration": "no number"}) == []
    assert where("GitRepository", status={"observedGeneration": {"a": 1}}) == ["status.observedGeneration.a"]
    assert where("GitRepository", status={"conditions": [{"foo": 1}]}) == ["status.conditions[0].foo"]
    assert where("GitRepository", status={"foo": 1}) == ["status.foo"]
    assert where("Alert", status={}) == ["status"], "an Alert has no status"


def test_an_object_needs_kind_and_version() -> None:
    for missing in ("kind", "apiVersion"):
        made = {key: value for key, value in body("GitRepository").items() if key != missing}
        assert [finding.dotted for finding in schemas().findings(made)] == [missing]
    assert [finding.dotted for finding in schemas().findings({})] == ["kind"]


@pytest.mark.parametrize(
    ("metadata", "place"),
    [
        (None, "metadata.name"),
        ("a", "metadata"),
        ({}, "metadata.name"),
        ({"name": ""}, "metadata.name"),
        ({"name": "A"}, "metadata.name"),
        ({"name": "a_b"}, "metadata.name"),
        ({"name": "a\n"}, "metadata.name"),
        ({"name": "a" * 254}, "metadata.name"),
        ({"name": 1}, "metadata.name"),
        ({"name": "a", "namespace": "a.b"}, "metadata.namespace"),
        ({"name": "a", "labels": {"a b": "c"}}, "metadata.labels.a b"),
        ({"name": "a", "labels": {"a": "b c"}}, "metadata.labels.a"),
        ({"name": "a", "labels": {"a": "b" * 64}}, "metadata.labels.a"),
        ({"name": "a", "labels": {"a": True}}, "metadata.labels.a"),
        ({"name": "a", "labels": ["a"]}, "metadata.labels"),
        ({"name": "a", "annotations": {"a/b/c": ""}}, "metadata.annotations.a/b/c"),
        ({"name": "a", "annotations": {"a": 1}}, "metadata.annotations.a"),
        ({"name": "a", "annotations": {"a": "é" * 128 * 1024}}, "metadata.annotations"),
        ({"name": "a", "foo": None}, "metadata.foo"),
        ({"name": "a", "Labels": {}}, "metadata.Labels"),
        ({"name": "a", "generation": "1"}, "metadata.generation"),
        ({"name": "a", "creationTimestamp": "2026-02-30T00:00:00Z"}, "metadata.creationTimestamp"),
        ({"name": "a", "finalizers": ["a b"]}, "metadata.finalizers[0]"),
        ({"name": "a", "finalizers": ["orphan", "foregroundDeletion"]}, "metadata.finalizers"),
        ({"name": "a", "ownerReferences": [{"apiVersion": "v1", "kind": "A", "name": "a"}]}, "metadata.ownerReferences[0].uid"),
        ({"name": "a", "ownerReferences": ["a"]}, "metadata.ownerReferences[0]"),
        ({"name": "a", "managedFields": [{"foo": 1}]}, "metadata.managedFields[0].foo"),
        ({"name": "a", "resourceVersion": "7"}, "metadata.resourceVersion"),
        ({"generateName": "A-"}, "metadata.generateName"),
    ],
)
def test_metadata_that_kubernetes_refuses_is_refused(metadata: object, place: str) -> None:
    assert where("GitRepository", metadata=metadata) == [place]


@pytest.mark.parametrize(
    "metadata",
    [
        {"name": "a" * 253},
        {"name": "a.b-c"},
        {"name": "a", "labels": None, "annotations": {"A.b/C_d": "any text\n"}},
        {"name": "a", "labels": {"App.name": "", "example.com/a": "A_b.c", "b": None}},
        {"name": "a", "creationTimestamp": None, "uid": "x", "generation": 1.0},
        {"generateName": "a-"},
    ],
)
def test_metadata_that_kubernetes_takes_is_accepted(metadata: dict[str, Any]) -> None:
    assert where("GitRepository", metadata=metadata) == []


def test_all_problems_come_at_once_and_in_order() -> None:
    spec = {"interval": "soon", "url": None, "prune": 1, "ref": {"brunch": "a"}, "timeout": "1h"}

    assert where("GitRepository", spec, metadata={"name": "A"}) == [
        "metadata.name",
        "spec.interval",
        "spec.prune",
        "spec.ref.brunch",
        "spec.timeout",
        "spec.url",
    ]


def test_a_value_of_the_wrong_type_is_one_problem_though_it_breaks_several_rules() -> None:
    assert len(said("GitRepository", {"provider": 5})) == 1
    assert len(said("ArtifactGenerator", {"sources": []})) == 1
