"""What is public of a credential stands in the stack file; which secrets it has follows from its type."""

import re
from typing import Any, get_args

import pytest

from stacks.contract.credentials.every_type import CREDENTIAL_TYPES
from stacks.contract.credentials.ssh import SshCredential
from stacks.contract.stack import Stack, secret_keys
from stacks.documents.json_schemas import KEYS_OF_SECRETS
from stacks.reading.validation import validate
from stacks.words.place import dotted
from stacks.words.problems import Problem
from tests.documents import document
from tests.keys import certificate, elliptic_key, pem
from tests.stacks.test_model_errors import STACK


def stack(**changes: Any) -> tuple[Stack | None, list[str]]:
    problems: list[Problem] = []
    validated = validate(Stack, document({**STACK, **changes}), problems)
    return validated.model if validated else None, [f"{dotted(problem.where.key)}: {problem.message}" for problem in problems]


def implied(credential: dict[str, Any]) -> list[str]:
    model, problems = stack(credentials={"x": credential})
    assert model is not None, problems
    return secret_keys(model)


SSH = {"type": "ssh"}
APP = {"type": "githubApp", "appId": "1"}


@pytest.mark.parametrize(
    ("credential", "keys"),
    [
        (SSH, ["x-identity"]),
        ({**SSH, "passphrase": True}, ["x-identity", "x-passphrase"]),
        ({**SSH, "generated": ["a"], "active": "supplied"}, ["x-identity"]),
        ({**SSH, "generated": ["a"], "active": "a"}, []),
        ({"type": "basic", "username": "flux"}, ["x-password"]),
        ({"type": "bearer"}, ["x-token"]),
        ({**APP, "installationId": "2"}, ["x-private-key"]),
        ({"type": "registry", "server": "ghcr.io", "username": "flux"}, ["x-password"]),
        ({"type": "registry", "server": "https://index.docker.io/v1/", "username": "flux"}, ["x-password"]),
        ({"type": "registry", "server": "[fd00::1]:5000", "username": "flux"}, ["x-password"]),
        ({"type": "tls", "ca": certificate()}, []),
        ({"type": "tls", "certificate": certificate()}, ["x-private-key"]),
        ({"type": "proxy", "address": "https://proxy.test:1"}, []),
        ({"type": "proxy", "address": "http://[::1]:3128"}, []),
        ({"type": "proxy", "address": "socks5://proxy.test", "username": "flux"}, ["x-password"]),
    ],
)
def test_the_type_says_which_secrets_there_are(credential: dict[str, Any], keys: list[str]) -> None:
    assert implied(credential) == keys


def test_every_secret_key_that_can_be_implied_is_one_for_editors_and_a_place_of_secrets() -> None:
    for model in CREDENTIAL_TYPES:
        for field in model.SECRETS:
            assert re.match(KEYS_OF_SECRETS, f"gitops:some-name-{field}"), field
    for service in ("vault-token", "aws-kms", "azure-kv", "gcp-kms"):
        with_service, _ = stack(decryption={"keyServices": [service]})
        assert with_service is not None
        assert secret_keys(with_service) == [f"sops-{service}"]
        assert re.match(KEYS_OF_SECRETS, f"gitops:sops-{service}")
    assert not re.match(KEYS_OF_SECRETS, "gitops:credentials")


@pytest.mark.parametrize(
    ("credential", "message"),
    [
        (
            {**SSH, "generated": ["a"]},
            "credentials.x: has `generated` without `active`. Flux would not know which key to use. Write active: a or active: supplied.",
        ),
        ({**SSH, "active": "a"}, "credentials.x: has an `active` key that does not exist. Flux would have no key. Write active: supplied."),
        ({**SSH, "generated": ["a", "a"], "active": "a"}, "credentials.x: has the same name twice under `generated`"),
        ({**SSH, "generated": ["supplied"], "active": "supplied"}, "is what `active` calls the supplied key"),
        ({**SSH, "generated": ["a b"], "active": "supplied"}, "credentials.x.generated[0]: cannot name an SSH key"),
        (
            {**SSH, "generated": ["a"], "active": "a", "passphrase": True},
            "has `passphrase`, but a generated key is active. A generated key has no passphrase.",
        ),
        (APP, "credentials.x: has neither `installationId` nor `installationOwner`. Flux would refuse the Secret. Write exactly one of"),
        ({**APP, "installationId": "2", "installationOwner": "o"}, "has both `installationId` and `installationOwner`. Flux would refuse"),
        ({**APP, "appId": 1, "installationId": "2"}, "credentials.x.appId: must be text"),
        ({**APP, "appId": "one", "installationId": "2"}, "credentials.x.appId: is not a number"),
        (
            {**APP, "installationId": "2", "baseUrl": "http://github.test"},
            "credentials.x.baseUrl: is not encrypted. The token of the app would be sent in plain text",
        ),
        ({"type": "registry", "server": "https://ghcr.io", "username": "u"}, "credentials.x.server: has a scheme"),
        ({"type": "registry", "server": "ghcr.io/org", "username": "u"}, "credentials.x.server: has a path"),
        ({"type": "registry", "server": "registry:port", "username": "u"}, "credentials.x.server: is not the host of a registry"),
        ({"type": "registry", "server": "docker.io", "username": "u"}, "Write https://index.docker.io/v1/"),
        ({"type": "tls"}, "credentials.x: has neither `certificate` nor `ca`"),
        ({"type": "tls", "ca": "hunter2-marker"}, "credentials.x.ca: contains no valid certificate"),
        ({"type": "tls", "ca": certificate()[:100]}, "credentials.x.ca: contains no valid certificate"),
        ({"type": "tls", "ca": certificate().replace("M", "!", 3)}, "credentials.x.ca: contains no valid certificate"),
        (
            {"type": "tls", "certificate": pem(elliptic_key("a"))},
            "credentials.x.certificate: contains a private key, which does not belong",
        ),
        ({"type": "tls", "certificate": certificate() + pem(elliptic_key("a"))}, "credentials.x.certificate: contains a private key"),
        ({"type": "proxy", "address": "http://flux:hunter2-marker@proxy.test"}, "credentials.x.address: contains a login"),
        ({"type": "proxy", "address": "http://[::1"}, "credentials.x.address: has no valid host or port"),
        ({"type": "proxy", "address": "http://proxy.test:port"}, "credentials.x.address: has no valid host or port"),
        ({**APP, "installationId": "2", "baseUrl": "https://[::1/api"}, "credentials.x.baseUrl: has no valid host or port"),
        ({"type": "proxy", "address": "proxy.test:3128"}, "credentials.x.address: is not the URL of a proxy"),
        ({"type": "bearer", "token": "hunter2-marker"}, "pulumi config set --secret gitops:x-token"),
        ({"type": "registry", "server": "r.test", "username": "u", "password": "hunter2-marker"}, "set --secret gitops:x-password"),
    ],
)
def test_what_could_not_work_is_refused_where_it_stands(credential: dict[str, Any], message: str) -> None:
    _, problems = stack(credentials={"x": credential})

    assert len(problems) == 1, problems
    assert message in problems[0]
    assert "hunter2" not in problems[0]


@pytest.mark.parametrize(
    ("changes", "first", "second"),
    [
        ({"credentials": {"a.b": {"type": "bearer"}, "a-b": {"type": "bearer"}}}, "a.b-token", "a-b-token"),
        (
            {"decryption": {"keyServices": ["vault-token"]}, "credentials": {"sops-vault": {"type": "bearer"}}},
            "sops-vault-token",
            "sops-vault-token",
        ),
        (
            {"age": {"keys": {"x-private-key": "supplied"}}, "credentials": {"age-x": {**APP, "installationId": "2"}}},
            "age-x-private-key",
            "age-x-private-key",
        ),
    ],
)
def test_no_two_secrets_are_read_from_one_variable(changes: dict[str, Any], first: str, second: str) -> None:
    _, problems = stack(**changes)

    assert len(problems) == 1
    assert f"needs the secrets {first} and {second}, which share the environment variable GITOPS_SECRET_" in problems[0]


def test_a_key_in_use_is_supplied_unless_it_says_otherwise() -> None:
    assert SshCredential.model_validate({"type": "ssh"}).generated_in_use is None
    assert SshCredential.model_validate({"type": "ssh", "active": "supplied"}).generated_in_use is None
    assert SshCredential.model_validate({"type": "ssh", "generated": ["a"], "active": "a"}).generated_in_use == "a"


@pytest.mark.parametrize("name", [get_args(each.model_fields["type"].annotation)[0] for each in CREDENTIAL_TYPES])
def test_a_key_that_is_named_like_the_type_is_told_as_any_other(name: str) -> None:
    _, problems = stack(credentials={"x": {"type": name, name: "what somebody meant"}})

    assert any(problem.startswith(f"credentials.x.{name}: ") for problem in problems), problems
    assert not [problem for problem in problems if f"{name}.{name}" in problem]
