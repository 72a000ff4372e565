"""What a person reads. ` -- ` stands for "The API server would refuse the <Kind>."."""

import datetime
from typing import Any

import pytest

from flux.message import Message
from tests.flux.schema.bodies import SOURCE, problems, said


def test_a_message_says_what_is_wrong_what_it_would_have_caused_and_what_to_write() -> None:
    (found,) = problems("GitRepository", {"interval": "5 minutes"})

    assert found.message == Message('"5 minutes" is not a duration', "The API server would refuse the GitRepository.", "Write 5m.")
    assert (found.dotted, str(found.object), found.rule) == ("spec.interval", "GitRepository/flux-system/a", "schema")


WRONG_DURATION = "Write a number with its unit, such as 5m"


@pytest.mark.parametrize(
    ("kind", "field", "value", "sentence"),
    [
        ("GitRepository", "interval", "1 hour", '"1 hour" is not a duration -- Write 1h.'),
        ("GitRepository", "interval", "1d", '"1d" is not a duration -- Write 24h.'),
        ("GitRepository", "interval", 300, "300 is not a duration -- Write 5m."),
        ("GitRepository", "interval", "5", '"5" is not a duration -- Write 5m for minutes, or 5s for seconds.'),
        ("GitRepository", "interval", "soon", f'"soon" is not a duration -- {WRONG_DURATION} or 1h30m.'),
        (
            "GitRepository",
            "interval",
            0,
            "0 is not a duration -- Write a time with its unit, such as 1m; to stop Flux from reconciling it, write suspend: true.",
        ),
        ("GitRepository", "timeout", 0, "0 is not a duration -- Write a time with its unit, such as 1m."),
        ("GitRepository", "timeout", "1h", '"1h" is in hours, which this field does not take -- Write 60m.'),
        ("GitRepository", "timeout", "1 hour", '"1 hour" is not a duration -- Write 60m.'),
        ("GitRepository", "timeout", "soon", f'"soon" is not a duration -- {WRONG_DURATION} or 90s; this field takes no h.'),
        ("Kustomization", "timeout", "1 hour", '"1 hour" is not a duration -- Write 1h.'),
    ],
)
def test_a_text_or_number_that_is_no_duration(kind: str, field: str, value: object, sentence: str) -> None:
    assert said(kind, {field: value}) == {f"spec.{field}": sentence}


GIT = "http://, https:// or ssh://"


@pytest.mark.parametrize(
    ("kind", "url", "sentence"),
    [
        ("GitRepository", "git@github.com:org/repo.git", f"does not start with {GIT} -- Write ssh://git@github.com/org/repo.git."),
        ("GitRepository", "gitea:org/repo", f"does not start with {GIT} -- Write ssh://git@gitea/org/repo."),
        ("GitRepository", "github.com/org/repo", f"does not start with {GIT} -- Write https://github.com/org/repo."),
        ("GitRepository", "HTTPS://github.com/a", f"does not start with {GIT} -- Write https://github.com/a."),
        ("GitRepository", "https:/github", f"does not start with {GIT} -- Write such a URL."),
        ("OCIRepository", "https://ghcr.io/a", "does not start with oci:// -- Write oci://ghcr.io/a."),
        ("OCIRepository", "ghcr.io/a", "does not start with oci:// -- Write oci://ghcr.io/a."),
        (
            "HelmRepository",
            "git@a.b:c",
            "does not start with http://, https:// or oci:// -- Write such a URL.",
        ),
    ],
)
def test_a_text_that_is_no_url_of_the_right_kind(kind: str, url: str, sentence: str) -> None:
    assert said(kind, {"url": url}) == {"spec.url": f'"{url}" {sentence}'}


@pytest.mark.parametrize(
    ("kind", "spec", "place", "sentence"),
    [
        ("Kustomization", {"sourceRef": {"kind": "GitRepo"}}, "sourceRef.kind", "Write GitRepository."),
        ("Provider", {"type": "githubb"}, "type", "Write github."),
        ("HelmRelease", {"upgrade": {"crds": "createreplace"}}, "upgrade.crds", "Write CreateReplace."),
        ("HelmRelease", {"driftDetection": {"mode": "on"}}, "driftDetection.mode", "Write enabled, warn or disabled."),
        ("Kustomization", {"decryption": {"provider": "age"}}, "decryption.provider", "Write sops."),
    ],
)
def test_a_value_that_is_not_among_those_allowed(kind: str, spec: Any, place: str, sentence: str) -> None:
    (found,) = said(kind, spec).items()

    assert found[0] == f"spec.{place}"
    assert " is not an allowed value" in found[1]
    assert found[1].endswith(f" -- {sentence}")


@pytest.mark.parametrize(
    ("spec", "place", "sentence"),
    [
        ({"secretref": {"name": "a"}}, "secretref", '"secretref" is not a field here -- Write secretRef.'),
        ({"ref": {"brnch": "a"}}, "ref.brnch", '"brnch" is not a field here -- Write branch.'),
        ({"branch": "main"}, "branch", '"branch" is not a field here -- Move it to spec.ref.'),
        ({"retry": "1m"}, "retry", '"retry" is not a field here -- Remove it, or write ignore, include, interval, provider, '),
    ],
)
def test_a_field_that_there_is_not(spec: Any, place: str, sentence: str) -> None:
    (found,) = said("GitRepository", spec).items()

    assert found[0] == f"spec.{place}"
    assert found[1].startswith(sentence)


def test_a_field_of_the_spec_that_stands_outside_of_it() -> None:
    assert said("GitRepository", interval="5m") == {"interval": '"interval" is not a field here -- Move it to spec.'}


@pytest.mark.parametrize(
    ("kind", "spec", "place", "sentence"),
    [
        ("GitRepository", {"interval": None}, "interval", "is required but missing -- Add interval, such as interval: 10m."),
        ("GitRepository", {"url": None}, "url", "is required but missing -- Add url, a URL that starts with https://."),
        ("Kustomization", {"prune": None}, "prune", "is required but missing -- Add prune: true or false."),
        ("Kustomization", {"sourceRef": None}, "sourceRef", "is required but missing -- Add sourceRef with kind and name below it."),
        ("Kustomization", {"sourceRef": {"name": None}}, "sourceRef.name", "is required but missing -- Add name."),
        ("Alert", {"eventSources": None}, "eventSources", "is required but missing -- Add eventSources, a list."),
    ],
)
def test_a_field_that_is_missing(kind: str, spec: Any, place: str, sentence: str) -> None:
    assert said(kind, spec) == {f"spec.{place}": sentence}


@pytest.mark.parametrize(
    ("spec", "place", "sentence"),
    [
        ({"prune": "yes"}, "prune", '"yes" is not true or false -- Write true.'),
        ({"prune": "perhaps"}, "prune", '"perhaps" is not true or false -- Write true or false.'),
        ({"path": 5}, "path", '5 is not text -- Quote it: "5".'),
        ({"path": False}, "path", 'false is not text -- Quote it: "false".'),
        ({"path": ["a"]}, "path", "is a list, not text -- Write text."),
        ({"dependsOn": "a"}, "dependsOn", '"a" is not a list -- Write it as a list: [{name: a}].'),
        ({"dependsOn": 5}, "dependsOn", '5 is not a list -- Write it as a list: [{name: "5"}].'),
        ({"dependsOn": "a: b"}, "dependsOn", '"a: b" is not a list -- Write it as a list: [{name: "a: b"}].'),
        ({"dependsOn": "null"}, "dependsOn", '"null" is not a list -- Write it as a list: [{name: "null"}].'),
        ({"healthChecks": "a"}, "healthChecks", '"a" is not a list -- Write it as a list: [{kind: …, name: a}].'),
        ({"patches": "a"}, "patches", '"a" is not a list -- Write it as a list: [{patch: …}].'),
        ({"components": "a"}, "components", '"a" is not a list -- Write it as a list: ["a"].'),
        (
            {"dependsOn": {"name": "a"}},
            "dependsOn",
            "is a map, not a list -- Write it as a list: with a dash before each item.",
        ),
        ({"dependsOn": ["a"]}, "dependsOn[0]", '"a" is not a map -- Write {name: a}.'),
        ({"sourceRef": "a"}, "sourceRef", '"a" is not a map -- Write its fields below it: kind, name.'),
        ({"postBuild": {"substitute": {"PORT": 80}}}, "postBuild.substitute.PORT", '80 is not text -- Quote it: "80".'),
        ({"images": [{"name": "a", "newTag": 1.10}]}, "images[0].newTag", '1.1 is not text -- Quote it: "1.1".'),
        (
            {"path": datetime.date(2026, 12, 1)},
            "path",
            '2026-12-01 is a date, which no Kubernetes object can hold -- Quote it: "2026-12-01".',
        ),
    ],
)
def test_a_value_of_another_type(spec: Any, place: str, sentence: str) -> None:
    assert said("Kustomization", spec) == {f"spec.{place}": sentence}


def test_a_number_in_quotes_or_out_of_bounds() -> None:
    assert said("HelmRelease", {"maxHistory": "3"}) == {"spec.maxHistory": '"3" is not a whole number -- Write 3 without quotes.'}
    assert said("HelmRelease", {"maxHistory": 2**63}) == {
        "spec.maxHistory": "9223372036854775808 does not fit into 64 bits -- Write a number nearer to zero."
    }
    assert said("ImagePolicy", {"policy": {"semver": None, "numerical": {"order": "up"}}}) == {
        "spec.policy.numerical.order": '"up" is not an allowed value -- Write asc or desc.'
    }


def test_a_text_or_list_that_is_too_long_or_too_short() -> None:
    assert said("Kustomization", {"targetNamespace": "a" * 64}) == {
        "spec.targetNamespace": "has 64 characters; at most 63 are allowed -- Shorten it."
    }
    assert said("Kustomization", {"targetNamespace": ""}) == {"spec.targetNamespace": "is empty -- Write at least 1 character."}
    assert said("ArtifactGenerator", {"artifacts": []}) == {"spec.artifacts": "is empty -- Write at least 1 item."}


def test_two_items_with_the_same_key() -> None:
    provider = {"issuerURL": "https://a", "audience": "a", "validations": [{"expression": "true", "message": "a"}]}

    assert said("Receiver", {"type": "generic-oidc", "secretRef": None, "oidcProviders": [provider, provider]}) == {
        "spec.oidcProviders[1]": "has the same issuerURL as an earlier item -- Remove one of the two, or change its issuerURL."
    }


def test_other_forms_are_explained_rather_than_shown_as_a_pattern() -> None:
    copy = {"from": "deploy", "to": "@artifact/"}

    found = said(
        "ArtifactGenerator",
        {"sources": [{"alias": "My App", "kind": "GitRepository", "name": "a"}], "artifacts": [{"name": "a", "copy": [copy]}]},
    )

    assert found == {
        "spec.sources[0].alias": '"My App" is not a name -- Write my-app.',
        "spec.artifacts[0].copy[0].from": (
            '"deploy" is not a path in one of the sources -- Write one such as @source/deploy/**, with the alias of a source.'
        ),
    }


@pytest.mark.parametrize(
    ("kind", "spec", "sentence"),
    [
        ("HelmRelease", {"chartRef": None}, "either chart or chartRef must be set -- Write exactly one of chart and chartRef."),
        (
            "GitRepository",
            {"serviceAccountName": "a"},
            "serviceAccountName can only be set when provider is 'azure' or 'aws' -- Write provider: azure or aws, or remove "
            "serviceAccountName.",
        ),
        (
            "ImagePolicy",
            {"interval": "5m"},
            "spec.interval is only accepted when spec.digestReflectionPolicy is set to 'Always' -- Add digestReflectionPolicy: "
            "Always, or remove interval.",
        ),
        (
            "ImagePolicy",
            {"digestReflectionPolicy": "Always"},
            "spec.interval must be set when spec.digestReflectionPolicy is set to 'Always' -- Add interval, such as interval: 10m.",
        ),
        (
            "HelmChart",
            {"sourceRef": SOURCE, "verify": {"provider": "cosign"}},
            "spec.verify is only supported when spec.sourceRef.kind is 'HelmRepository' -- Remove verify, or refer to a HelmRepository.",
        ),
        (
            "Receiver",
            {"secretRef": None},
            "secretRef is required when type is not generic-oidc -- Add secretRef: {name: …} of the Secret with the token.",
        ),
        (
            "Bucket",
            {"provider": "gcp", "sts": {"provider": "aws", "endpoint": "https://a"}},
            "STS configuration is only supported for the 'aws' and 'generic' Bucket providers -- Remove sts, or write provider: "
            "aws or generic.",
        ),
        (
            "Provider",
            {"commitStatusExpr": "a"},
            "spec.commitStatusExpr is only supported for the 'github', 'gitlab', 'gitea', 'bitbucketserver', 'bitbucket', "
            "'azuredevops' provider types -- Remove commitStatusExpr, or choose one of these types.",
        ),
    ],
)
def test_a_rule_of_the_definition_is_told_in_its_own_words_with_what_to_do(kind: str, spec: Any, sentence: str) -> None:
    assert said(kind, spec) == {"spec": sentence}
