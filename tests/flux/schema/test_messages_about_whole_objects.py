"""What a person reads about metadata, kinds and versions, and names of fields. ` -- ` stands for "The API server would refuse the …"."""

from typing import Any

import pytest

from flux.message import Message
from tests.flux.schema.bodies import problems, said


@pytest.mark.parametrize(
    ("metadata", "place", "sentence"),
    [
        (
            {"name": "My App"},
            "name",
            '"My App" is not a valid name: it may have lower-case letters, digits, dashes and dots -- Write my-app.',
        ),
        ({"name": "a" * 254}, "name", "has 254 characters; at most 253 are allowed -- Shorten it."),
        ({"name": "a", "annotation": {}}, "annotation", '"annotation" is not a field here -- Write annotations.'),
        ({"name": "a", "labels": {"a": 5}}, "labels.a", '5 is not text -- Quote it: "5".'),
        (
            {"name": "a", "labels": {"a": "b c"}},
            "labels.a",
            '"b c" is not a valid value of a label -- Use only letters, digits, dashes, underscores and dots, or make it an annotation.',
        ),
        ({"name": "a", "resourceVersion": "5"}, "resourceVersion", "may be set only by the API server -- Remove it."),
    ],
)
def test_metadata_that_no_object_can_have(metadata: Any, place: str, sentence: str) -> None:
    assert said("GitRepository", metadata=metadata) == {f"metadata.{place}": sentence}


def test_a_kind_that_there_is_not() -> None:
    assert said("GitRepository", kind="GitRepositry") == {"kind": '"GitRepositry" is not a kind of Flux v2.9.4 -- Write GitRepository.'}


@pytest.mark.parametrize(
    ("kind", "version", "message"),
    [
        (
            "ConfigMap",
            "v1",
            Message(
                '"ConfigMap" is not a kind of Flux v2.9.4',
                "No Flux controller would act on the ConfigMap.",
                "Put it into Git: Flux applies objects of any kind from there.",
            ),
        ),
        (
            "Kustomization",
            "kustomize.config.k8s.io/v1beta1",
            Message(
                '"kustomize.config.k8s.io/v1beta1" is not an apiVersion of Kustomization in Flux v2.9.4',
                "No Flux controller would act on the Kustomization.",
                "Write apiVersion: kustomize.toolkit.fluxcd.io/v1.",
            ),
        ),
        (
            "Bucket",
            "s3.aws.example.org/v1",
            Message(
                '"s3.aws.example.org/v1" is not an apiVersion of Bucket in Flux v2.9.4',
                "No Flux controller would act on the Bucket.",
                "Write apiVersion: source.toolkit.fluxcd.io/v1.",
            ),
        ),
    ],
)
def test_of_an_object_of_others_nobody_says_that_the_api_server_would_refuse_it(kind: str, version: str, message: Message) -> None:
    (found,) = problems("Alert", kind=kind, apiVersion=version, spec={"region": "eu"})

    assert found.message == message


def test_a_key_that_yaml_read_as_a_number_is_to_be_quoted() -> None:
    assert said("HelmRelease", {"values": {80: "a"}}) == {"spec.values.80": 'the key 80 is not text -- Quote it: "80".'}


def test_a_misspelt_field_that_is_required_is_told_once() -> None:
    assert said("Bucket", {"endpoint": None, "endpont": "minio.example.com"}) == {
        "spec.endpont": '"endpont" is not a field here -- Write endpoint.'
    }
    assert set(said("Bucket", {"endpoint": None, "surely": "x"})) == {"spec.endpoint", "spec.surely"}
