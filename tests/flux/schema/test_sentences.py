"""What a person reads. ` -- ` stands for "; the API server would refuse the <Kind>; "."""

import datetime
from typing import Any

import pytest

from tests.flux.schema.bodies import SOURCE, problems, said


def test_a_sentence_says_what_is_wrong_what_would_have_come_of_it_and_what_to_write() -> None:
    (found,) = problems("GitRepository", {"interval": "5 minutes"})

    assert found.text == '"5 minutes" is not a duration; the API server would refuse the GitRepository; write 5m'
    assert (found.dotted, str(found.identity)) == ("spec.interval", "GitRepository/flux-system/a")


WRONG_DURATION = "write a number with its unit, such as 5m"


@pytest.mark.parametrize(
    ("kind", "field", "value", "sentence"),
    [
        ("GitRepository", "interval", "1 hour", '"1 hour" is not a duration -- write 1h'),
        ("GitRepository", "interval", "1d", '"1d" is not a duration -- write 24h'),
        ("GitRepository", "interval", 300, "300 is not a duration -- write 5m"),
        ("GitRepository", "interval", "5", '"5" is not a duration -- write 5m for minutes, or 5s for seconds'),
        ("GitRepository", "interval", "soon", f'"soon" is not a duration -- {WRONG_DURATION} or 1h30m'),
        (
            "GitRepository",
            "interval",
            0,
            "0 is not a duration -- write a time with its unit, such as 1m; to stop Flux from reconciling it, write suspend: true",
        ),
        ("GitRepository", "timeout", 0, "0 is not a duration -- write a time with its unit, such as 1m"),
        ("GitRepository", "timeout", "1h", '"1h" is in hours, which this field does not know -- write 60m'),
        ("GitRepository", "timeout", "1 hour", '"1 hour" is not a duration -- write 60m'),
        ("GitRepository", "timeout", "soon", f'"soon" is not a duration -- {WRONG_DURATION} or 90s; there is no h here'),
        ("Kustomization", "timeout", "1 hour", '"1 hour" is not a duration -- write 1h'),
    ],
)
def test_a_text_or_number_that_is_no_duration(kind: str, field: str, value: object, sentence: str) -> None:
    assert said(kind, {field: value}) == {f"spec.{field}": sentence}


GIT = "http://, https:// or ssh://"


@pytest.mark.parametrize(
    ("kind", "url", "sentence"),
    [
        ("GitRepository", "git@github.com:org/repo.git", f"is not a URL that starts with {GIT} -- write ssh://git@github.com/org/repo.git"),
        ("GitRepository", "gitea:org/repo", f"is not a URL that starts with {GIT} -- write ssh://git@gitea/org/repo"),
        ("GitRepository", "github.com/org/repo", f"is not a URL that starts with {GIT} -- write https://github.com/org/repo"),
        ("GitRepository", "HTTPS://github.com/a", f"is not a URL that starts with {GIT} -- write https://github.com/a"),
        ("GitRepository", "https:/github", f"is not a URL that starts with {GIT} -- write one that starts with {GIT}"),
        ("OCIRepository", "https://ghcr.io/a", "is not a URL that starts with oci:// -- write oci://ghcr.io/a"),
        ("OCIRepository", "ghcr.io/a", "is not a URL that starts with oci:// -- write oci://ghcr.io/a"),
        (
            "HelmRepository",
            "git@a.b:c",
            "is not a URL that starts with http://, https:// or oci:// -- write one that starts with http://, https:// or oci://",
        ),
    ],
)
def test_a_text_that_is_no_url_of_the_right_kind(kind: str, url: str, sentence: str) -> None:
    assert said(kind, {"url": url}) == {"spec.url": f'"{url}" {sentence}'}


@pytest.mark.parametrize(
    ("kind", "spec", "place", "sentence"),
    [
        ("Kustomization", {"sourceRef": {"kind": "GitRepo"}}, "sourceRef.kind", "write GitRepository"),
        ("Provider", {"type": "githubb"}, "type", "write github"),
        ("HelmRelease", {"upgrade": {"crds": "createreplace"}}, "upgrade.crds", "write CreateReplace"),
        ("HelmRelease", {"driftDetection": {"mode": "on"}}, "driftDetection.mode", "write one of them"),
        ("Kustomization", {"decryption": {"provider": "age"}}, "decryption.provider", "write sops"),
    ],
)
def test_a_value_that_is_not_among_those_allowed(kind: str, spec: Any, place: str, sentence: str) -> None:
    (found,) = said(kind, spec).items()

    assert found[0] == f"spec.{place}"
    assert " is not one of " in found[1]
    assert found[1].endswith(f" -- {sentence}")


@pytest.mark.parametrize(
    ("spec", "place", "sentence"),
    [
        ({"secretref": {"name": "a"}}, "secretref", 'there is no field "secretref" here -- write secretRef'),
        ({"ref": {"brnch": "a"}}, "ref.brnch", 'there is no field "brnch" here -- write branch'),
        ({"branch": "main"}, "branch", 'there is no field "branch" here -- put it below spec.ref'),
        ({"retry": "1m"}, "retry", 'there is no field "retry" here -- remove it, or write one of ignore, include, interval, provider, '),
    ],
)
def test_a_field_that_there_is_not(spec: Any, place: str, sentence: str) -> None:
    (found,) = said("GitRepository", spec).items()

    assert found[0] == f"spec.{place}"
    assert found[1].startswith(sentence)


def test_a_field_of_the_spec_that_stands_outside_of_it() -> None:
    assert said("GitRepository", interval="5m") == {"interval": 'there is no field "interval" here -- put it below spec'}


@pytest.mark.parametrize(
    ("kind", "spec", "place", "sentence"),
    [
        ("GitRepository", {"interval": None}, "interval", "interval is missing -- add interval, such as interval: 10m"),
        ("GitRepository", {"url": None}, "url", "url is missing -- add url, a URL that starts with https://"),
        ("Kustomization", {"prune": None}, "prune", "prune is missing -- add prune: true or false"),
        ("Kustomization", {"sourceRef": None}, "sourceRef", "sourceRef is missing -- add sourceRef with kind and name below it"),
        ("Kustomization", {"sourceRef": {"name": None}}, "sourceRef.name", "name is missing -- add name"),
        ("Alert", {"eventSources": None}, "eventSources", "eventSources is missing -- add eventSources, a list"),
    ],
)
def test_a_field_that_is_missing(kind: str, spec: Any, place: str, sentence: str) -> None:
    assert said(kind, spec) == {f"spec.{place}": sentence}


@pytest.mark.parametrize(
    ("spec", "place", "sentence"),
    [
        ({"prune": "yes"}, "prune", '"yes" is not true or false -- write true'),
        ({"prune": "perhaps"}, "prune", '"perhaps" is not true or false -- write true or false'),
        ({"path": 5}, "path", '5 is not a text -- quote it: "5"'),
        ({"path": False}, "path", 'false is not a text -- quote it: "false"'),
        ({"path": ["a"]}, "path", "a list stands where a text belongs -- write a text"),
        ({"dependsOn": "a"}, "dependsOn", '"a" is not a list -- write it as a list: ["a"]'),
        (
            {"dependsOn": {"name": "a"}},
            "dependsOn",
            "a map stands where a list belongs -- write it as a list: with a dash before each item",
        ),
        ({"dependsOn": ["a"]}, "dependsOn[0]", '"a" is not a map -- write {name: a}'),
        ({"sourceRef": "a"}, "sourceRef", '"a" is not a map -- write its fields below it: kind, name'),
        ({"postBuild": {"substitute": {"PORT": 80}}}, "postBuild.substitute.PORT", '80 is not a text -- quote it: "80"'),
        ({"images": [{"name": "a", "newTag": 1.10}]}, "images[0].newTag", '1.1 is not a text -- quote it: "1.1"'),
        (
            {"path": datetime.date(2026, 12, 1)},
            "path",
            '2026-12-01 is a date, which no Kubernetes object can hold -- quote it: "2026-12-01"',
        ),
    ],
)
def test_a_value_of_another_type(spec: Any, place: str, sentence: str) -> None:
    assert said("Kustomization", spec) == {f"spec.{place}": sentence}


def test_a_number_in_quotes_or_out_of_bounds() -> None:
    assert said("HelmRelease", {"maxHistory": "3"}) == {"spec.maxHistory": '"3" is not a whole number -- write 3 without quotes'}
    assert said("HelmRelease", {"maxHistory": 2**63}) == {
        "spec.maxHistory": "9223372036854775808 is beyond all whole numbers of 64 bits -- write a smaller one"
    }
    assert said("ImagePolicy", {"policy": {"semver": None, "numerical": {"order": "up"}}}) == {
        "spec.policy.numerical.order": '"up" is not one of asc, desc -- write one of them'
    }


def test_a_text_or_list_that_is_too_long_or_too_short() -> None:
    assert said("Kustomization", {"targetNamespace": "a" * 64}) == {
        "spec.targetNamespace": "the text has 64 characters, and 63 are the most -- shorten it"
    }
    assert said("Kustomization", {"targetNamespace": ""}) == {
        "spec.targetNamespace": "the text is empty, and 1 is the least -- write at least 1 character"
    }
    assert said("ArtifactGenerator", {"artifacts": []}) == {
        "spec.artifacts": "the list is empty, and 1 is the least -- write at least 1 item"
    }


def test_two_items_with_the_same_key() -> None:
    provider = {"issuerURL": "https://a", "audience": "a", "validations": [{"expression": "true", "message": "a"}]}

    assert said("Receiver", {"type": "generic-oidc", "secretRef": None, "oidcProviders": [provider, provider]}) == {
        "spec.oidcProviders[1]": "an earlier item has the same issuerURL -- remove one of the two, or change its issuerURL"
    }


def test_other_forms_are_explained_rather_than_shown_as_a_pattern() -> None:
    copy = {"from": "deploy", "to": "@artifact/"}

    found = said(
        "ArtifactGenerator",
        {"sources": [{"alias": "My App", "kind": "GitRepository", "name": "a"}], "artifacts": [{"name": "a", "copy": [copy]}]},
    )

    assert found == {
        "spec.sources[0].alias": '"My App" is not a name -- write my-app',
        "spec.artifacts[0].copy[0].from": (
            '"deploy" is not a path in one of the sources -- write one such as @source/deploy/**, with the alias of a source'
        ),
    }


@pytest.mark.parametrize(
    ("kind", "spec", "sentence"),
    [
        ("HelmRelease", {"chartRef": None}, "either chart or chartRef must be set -- write exactly one of chart and chartRef"),
        (
            "GitRepository",
            {"serviceAccountName": "a"},
            "serviceAccountName can only be set when provider is 'azure' or 'aws' -- "
            "write provider: azure or aws, or remove serviceAccountName",
        ),
        (
            "ImagePolicy",
            {"interval": "5m"},
            "spec.interval is only accepted when spec.digestReflectionPolicy is set to 'Always' -- "
            "add digestReflectionPolicy: Always, or remove interval",
        ),
        (
            "ImagePolicy",
            {"digestReflectionPolicy": "Always"},
            "spec.interval must be set when spec.digestReflectionPolicy is set to 'Always' -- add interval, such as interval: 10m",
        ),
        (
            "HelmChart",
            {"sourceRef": SOURCE, "verify": {"provider": "cosign"}},
            "spec.verify is only supported when spec.sourceRef.kind is 'HelmRepository' -- remove verify, or refer to a HelmRepository",
        ),
        (
            "Receiver",
            {"secretRef": None},
            "secretRef is required when type is not generic-oidc -- add secretRef: {name: …} of the Secret with the token",
        ),
        (
            "Bucket",
            {"provider": "gcp", "sts": {"provider": "aws", "endpoint": "https://a"}},
            "STS configuration is only supported for the 'aws' and 'generic' Bucket providers -- "
            "remove sts, or write provider: aws or generic",
        ),
        (
            "Provider",
            {"commitStatusExpr": "a"},
            "spec.commitStatusExpr is only supported for the 'github', 'gitlab', 'gitea', 'bitbucketserver', 'bitbucket', 'azuredevops' "
            "provider types -- remove commitStatusExpr, or choose one of these types",
        ),
    ],
)
def test_a_rule_of_the_definition_is_told_in_its_own_words_with_what_to_do(kind: str, spec: Any, sentence: str) -> None:
    assert said(kind, spec) == {"spec": sentence}


@pytest.mark.parametrize(
    ("metadata", "place", "sentence"),
    [
        (
            {"name": "My App"},
            "name",
            '"My App" is no name of a Kubernetes object: such are made of lower-case letters, digits, dashes and dots -- write my-app',
        ),
        ({"name": "a" * 254}, "name", "the name has 254 characters, and 253 are the most -- shorten it"),
        ({"name": "a", "annotation": {}}, "annotation", 'there is no field "annotation" here -- write annotations'),
        ({"name": "a", "labels": {"a": 5}}, "labels.a", '5 is not a text -- quote it: "5"'),
        (
            {"name": "a", "labels": {"a": "b c"}},
            "labels.a",
            '"b c" is no value of a label -- write letters, digits, dashes, underscores and dots alone, or make it an annotation',
        ),
        ({"name": "a", "resourceVersion": "5"}, "resourceVersion", "only the API server sets this -- remove it"),
    ],
)
def test_metadata_that_no_object_can_have(metadata: Any, place: str, sentence: str) -> None:
    assert said("GitRepository", metadata=metadata) == {f"metadata.{place}": sentence}


def test_a_kind_that_there_is_not() -> None:
    (found,) = problems("GitRepository", kind="GitRepositry")

    assert found.text == (
        'the Flux being installed has no kind "GitRepositry"; the API server would refuse the GitRepositry; '
        "write GitRepository, or add the component that brings the kind to flux.components"
    )


def test_a_kustomization_of_kustomize_itself_is_told_which_one_flux_has() -> None:
    assert said("Kustomization", apiVersion="kustomize.config.k8s.io/v1beta1") == {
        "apiVersion": "the Flux being installed serves Kustomization as kustomize.toolkit.fluxcd.io/v1, not as "
        '"kustomize.config.k8s.io/v1beta1" -- write apiVersion: kustomize.toolkit.fluxcd.io/v1'
    }


def test_a_key_that_yaml_read_as_a_number_is_to_be_quoted() -> None:
    assert said("HelmRelease", {"values": {80: "a"}}) == {"spec.values.80": 'the key 80 is no text -- quote it: "80"'}
