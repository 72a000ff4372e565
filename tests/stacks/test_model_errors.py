"""Every error that pydantic can find in a file that people write is told in a message of ours, which never repeats the value."""

from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from flux.secret_shapes import HIDDEN, redacted
from stacks.contract.catalog import Catalog
from stacks.contract.stack import Stack
from stacks.reading.model_errors import MESSAGES
from stacks.reading.validation import validate
from stacks.words.place import dotted
from stacks.words.problems import Problem
from tests.documents import document
from tests.messages import assert_well_formed

MARKER = "hunter2-marker"
RECIPIENT = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"

STACK: dict[str, Any] = {
    "environment": "development",
    "cluster": {"name": "dev", "context": "c"},
    "flux": {"manifests": "./manifests"},
    "use": ["base"],
}

ERRORS: dict[str, tuple[str, type[BaseModel], dict[Any, Any], str]] = {
    "a misspelt key": (
        "extra_forbidden",
        Stack,
        {"flux": {"manifests": "./m", "logLvel": MARKER}},
        "flux.logLvel: is an unknown key. It would have no effect. Did you mean `logLevel`?",
    ),
    "a missing key": (
        "missing",
        Stack,
        {"cluster": {"name": "dev"}},
        "cluster.context: is required but missing. Nothing could be applied without it. "
        "Write the context of the kubeconfig, for example `context: admin@homelab`.",
    ),
    "a number for a text": (
        "string_type",
        Stack,
        {"variables": {"V": 2.10}},
        'variables.V: must be text. Without quotes, YAML reads it as a number: 2.10 becomes 2.1. Quote it, like "2.10".',
    ),
    "a whole number for a text": (
        "string_type",
        Stack,
        {"variables": {"REPLICAS": 2}},
        'variables.REPLICAS: must be text. Without quotes, YAML reads it as a number. Quote it: "2".',
    ),
    "a number for a text that could be secret": (
        "string_type",
        Stack,
        {"variables": {"ADMIN_PASSWORD": 123456}},
        "variables.ADMIN_PASSWORD: must be text. Without quotes, YAML reads it as a number. Quote it.",
    ),
    "false for a text": (
        "string_type",
        Stack,
        {"variables": {"V": False}},
        'variables.V: must be text. Without quotes, YAML reads it as true or false. Quote it: "false".',
    ),
    "true for a text": (
        "string_type",
        Stack,
        {"variables": {"V": True}},
        'variables.V: must be text. Without quotes, YAML reads it as true or false. Quote it: "true".',
    ),
    "nothing for a text": (
        "string_type",
        Stack,
        {"variables": {"V": None}},
        "variables.V: is empty. It would have no effect. Write a text, or remove it.",
    ),
    "nothing for a text that is required": (
        "string_type",
        Stack,
        {"cluster": {"name": None, "context": "a"}},
        "cluster.name: is required but empty. Nothing could be applied without it. "
        "Write the name of the cluster, for example `name: homelab`.",
    ),
    "nothing for one of a few words": (
        "literal_error",
        Stack,
        {"environment": None},
        "environment: is empty.",
    ),
    "an environment variable that is not UTF-8": (
        "string_unicode",
        Stack,
        {"onDestroy": "\udc80"},
        "onDestroy: contains bytes that are not UTF-8. Kubernetes stores only UTF-8. Write it again as UTF-8.",
    ),
    "a list for a text": ("string_type", Stack, {"variables": {"V": [MARKER]}}, "variables.V: must be text, not a list"),
    "a text that is none of its kind": ("wrong_text", Stack, {"use": ["Base"]}, "use[0]: is not a group name"),
    "an empty text": ("wrong_text", Stack, {"cluster": {"name": "dev", "context": ""}}, "cluster.context: is empty"),
    "a flag with a fraction": (
        "wrong_flag",
        Stack,
        {"flux": {"manifests": "./m", "flags": {"c": {"f": 0.5}}}},
        "flux.flags.c.f: must be text, a whole number, true, false, null or a list of text. "
        'No flag can have this value. Quote a number with a fraction: "0.5".',
    ),
    "a word that is not among the allowed": (
        "literal_error",
        Stack,
        {"onDestroy": "keepWorkload"},
        "onDestroy: is not an allowed value. Write keepWorkloads or removeWorkloads. Did you mean `keepWorkloads`?",
    ),
    "a text for a list": (
        "list_type",
        Stack,
        {"use": MARKER},
        "use: must be a list, not text. Write the groups of the catalog that this cluster gets, for example `use: [base]`.",
    ),
    "an empty list": ("too_short", Stack, {"use": []}, "use: is empty. At least one item is needed."),
    "a list for an object": ("dict_type", Stack, {"variables": [MARKER]}, "variables: must be a map, not a list"),
    "a text for an object": ("model_type", Stack, {"cluster": MARKER}, "cluster: must be a map, not text"),
    "a text for a switch": (
        "bool_type",
        Stack,
        {"flux": {"manifests": "./m", "networkPolicy": "no"}},
        "flux.networkPolicy: must be true or false, not text",
    ),
    "a text for a whole number": (
        "int_type",
        Stack,
        {"flux": {"manifests": "./m", "tolerations": [{"tolerationSeconds": "5"}]}},
        "flux.tolerations[0].tolerationSeconds: must be a whole number, not text",
    ),
    "a credential of another type": (
        "union_tag_invalid",
        Stack,
        {"credentials": {"a": {"type": "basics", "password": MARKER}}},
        "credentials.a: has an unknown type. Flux would not know how to log in. "
        "Write type: ssh, basic, bearer, githubApp, registry, tls, proxy, webhook, bucket or publicKeys. Did you mean `basic`?",
    ),
    "a credential without a type": (
        "union_tag_not_found",
        Stack,
        {"credentials": {"a": {"username": MARKER}}},
        "credentials.a: has no type. Flux would not know how to log in. Write {type: ssh}, or {type: basic, username: flux}.",
    ),
    "a credential that is no object": (
        "model_attributes_type",
        Stack,
        {"credentials": {"a": MARKER}},
        "credentials.a: must be a map, not text",
    ),
    "a secret inside a credential": (
        "extra_forbidden",
        Stack,
        {"credentials": {"basic": {"type": "basic", "username": "u", "password": MARKER}}},
        "credentials.basic.password: is for a secret, which does not belong in this file. "
        "The secret would be in Git and in the state in plain text. Remove it, and run: pulumi config set --secret gitops:basic-password",
    ),
    "a field of another type of credential": (
        "extra_forbidden",
        Stack,
        {"credentials": {"ssh": {"type": "ssh", "username": MARKER}}},
        "credentials.ssh.username: is an unknown key. It would have no effect. The keys here are: active, generated, passphrase, type.",
    ),
    "an age key of no origin": (
        "wrong_age_key",
        Stack,
        {"age": {"keys": {"2026-11": "suplied"}}},
        "age.keys.2026-11: is not the origin of an age key. It would be unknown who makes the key. "
        "Write supplied, generated or {origin: supplied, recipient: age1…}. Did you mean `supplied`?",
    ),
    "a list in place of an age key": (
        "wrong_age_key",
        Stack,
        {"age": {"keys": {"a": [MARKER]}}},
        "age.keys.a: is not the origin of an age key. It would be unknown who makes the key. "
        "Write supplied, generated or {origin: supplied, recipient: age1…}.",
    ),
    "a secret inside an age key": (
        "extra_forbidden",
        Stack,
        {"age": {"keys": {"a": {"origin": "supplied", "recipient": RECIPIENT, "identity": MARKER}}}},
        "age.keys.a.identity: is for a secret, which does not belong in this file. "
        "The secret would be in Git and in the state in plain text. Remove it, and run: pulumi config set --secret gitops:age-a",
    ),
    "an age key that says nothing of its recipient": (
        "missing",
        Stack,
        {"age": {"keys": {"a": {"origin": "supplied"}}}},
        "age.keys.a.recipient: is required but missing. Nothing could be applied without it. "
        "Write the public key, as `age-keygen -y` prints it for the private key, for example `recipient: age1…`.",
    ),
    "a credential called like the age keys' Secret": (
        "wrong_text",
        Stack,
        {"credentials": {"sops-age": {"type": "ssh"}}},
        "credentials: has a credential named sops-age, which is the name of the Secret with the age keys",
    ),
    "two secrets of one environment variable": (
        "wrong_text",
        Stack,
        {"credentials": {"a.b": {"type": "ssh"}, "a-b": {"type": "ssh"}}},
        "needs the secrets a.b-identity and a-b-identity, which share the environment variable GITOPS_SECRET_A_B_IDENTITY",
    ),
    "a key that is no text": (
        "invalid_key",
        Catalog,
        {2026: {}},
        "2026]: is a key that is not text. It would have no effect. The keys here are: defaults, git, helm, hosts, ",
    ),
    "a name that is a number": (
        "string_type",
        Catalog,
        {"git": {2026: {"url": "https://x.test/r"}}},
        "git[2026]: must be text. Without quotes, YAML reads it as a number",
    ),
    "a source with two addresses": (
        "wrong_text",
        Catalog,
        {"git": {"a": {"from": "h/r", "url": "https://x.test/r"}}},
        "git.a: must have exactly one of `from` and `url`",
    ),
    "a bare URL that is none": ("wrong_text", Catalog, {"helm": {"a": "charts.test"}}, "helm.a: has no scheme"),
    "an object with labels": (
        "extra_forbidden",
        Catalog,
        {"objects": [{"object": {"apiVersion": "v1", "kind": "Bucket", "metadata": {"name": "a", "lables": {}}}}]},
        "objects[0].object.metadata.lables: is an unknown key",
    ),
}


def told(model: type[BaseModel], value: Any) -> list[str]:
    problems: list[Problem] = []
    validate(model, document(value), problems)
    for problem in problems:
        assert_well_formed(problem.message)
    return [redacted(f"{dotted(problem.where.key)}: {problem.message}") for problem in problems]


def whole(model: type[BaseModel], value: dict[Any, Any]) -> dict[Any, Any]:
    return {**STACK, **value} if model is Stack else value


@pytest.mark.parametrize(("kind", "model", "value", "expected"), ERRORS.values(), ids=list(ERRORS))
def test_an_error_is_told_in_a_message_of_its_own(kind: str, model: type[BaseModel], value: dict[Any, Any], expected: str) -> None:
    with pytest.raises(ValidationError) as caught:
        model.model_validate(whole(model, value))
    assert [error["type"] for error in caught.value.errors()] == [kind]

    (text,) = told(model, whole(model, value))

    assert expected in text
    assert MARKER not in text


def test_unknown_keys_alone_do_not_hide_what_is_wrong_further_on() -> None:
    problems: list[Problem] = []

    stack = validate(Stack, document({**STACK, "overide": {}, "flux": {"manifests": "./m", "siez": 1}}), problems)

    assert len(problems) == 2
    assert stack is not None
    assert stack.model.flux.manifests == "./m"
    assert validate(Stack, document({**STACK, "overide": {}, "use": []}), []) is None


def test_every_message_has_a_case() -> None:
    assert {kind for kind, _, _, _ in ERRORS.values()} == set(MESSAGES)


def test_an_error_without_a_message_of_its_own_repeats_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(MESSAGES, "union_tag_invalid")

    (text,) = told(Stack, {**STACK, "credentials": {"a": {"type": MARKER}}})

    assert text == "credentials.a: has a value that is not allowed here. Write what docs/reference.md says."


def test_a_key_that_looks_like_a_secret_is_not_repeated() -> None:
    key = "AGE-SECRET-" + "KEY-1QQQQQQQQQQQQQQQQ"

    (text,) = told(Stack, {**STACK, "flux": {"manifests": "./m", key: ""}})

    assert key not in text
    assert text.startswith(f"flux.{HIDDEN}: is an unknown key")
