"""Whatever can be wrong in a stack file or in the catalog is told in a sentence of ours, which never repeats the value."""

from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from flux.secret_shapes import HIDDEN, redacted
from stacks.contract.catalog import Catalog
from stacks.contract.stack import Stack
from stacks.reading.model_faults import SENTENCES
from stacks.reading.validation import validate
from stacks.words.place import dotted
from stacks.words.problems import Problem
from tests.documents import document

MARKER = "hunter2-marker"
RECIPIENT = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"

STACK: dict[str, Any] = {
    "environment": "development",
    "cluster": {"name": "dev", "context": "c"},
    "flux": {"manifests": "./manifests"},
    "use": ["base"],
}

FAULTS: dict[str, tuple[str, type[BaseModel], dict[Any, Any], str]] = {
    "a misspelt key": (
        "extra_forbidden",
        Stack,
        {"flux": {"manifests": "./m", "logLvel": MARKER}},
        "flux.logLvel: is not a key that belongs here. It would have no effect. Did you mean logLevel?",
    ),
    "a missing key": (
        "missing",
        Stack,
        {"cluster": {"name": "dev"}},
        "cluster.context: is required but missing. It says: The kubeconfig's context. For example: context: admin@homelab",
    ),
    "a number for a text": (
        "string_type",
        Stack,
        {"variables": {"V": 2.10}},
        'variables.V: must be text. YAML reads it as a number or as true or false: 2.10 becomes 2.1. Quote it: "2.10".',
    ),
    "true for a text": ("string_type", Stack, {"variables": {"V": True}}, "variables.V: must be text. YAML reads it as"),
    "nothing for a text": ("string_type", Stack, {"variables": {"V": None}}, "variables.V: has no value. Write the text"),
    "a list for a text": ("string_type", Stack, {"variables": {"V": [MARKER]}}, "variables.V: must be text, not a list"),
    "a text that is none of its kind": ("wrong_text", Stack, {"use": ["Base"]}, "use[0]: is not a group name"),
    "an empty text": ("wrong_text", Stack, {"cluster": {"name": "dev", "context": ""}}, "cluster.context: is empty"),
    "a flag with a fraction": (
        "wrong_flag",
        Stack,
        {"flux": {"manifests": "./m", "flags": {"c": {"f": 0.5}}}},
        "flux.flags.c.f: must be text, a whole number, true, false, a list of text, or null, not a number. "
        'Quote a number with a fraction: "0.5".',
    ),
    "a word that is not among the allowed": (
        "literal_error",
        Stack,
        {"onDestroy": "keepWorkload"},
        "onDestroy: must be keepWorkloads or removeWorkloads. Did you mean keepWorkloads?",
    ),
    "a text for a list": (
        "list_type",
        Stack,
        {"use": MARKER},
        "use: must be a list, not text. Write [one, another].",
    ),
    "an empty list": ("too_short", Stack, {"use": []}, "use: is empty. Nothing would be made. Write at least one"),
    "a list for an object": ("dict_type", Stack, {"variables": [MARKER]}, "variables: must be an object, not a list"),
    "a text for an object": ("model_type", Stack, {"cluster": MARKER}, "cluster: must be an object, not text"),
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
        "credentials.a: has an unknown type. Write type: ssh, basic, bearer, githubApp, registry, tls or proxy. Did you mean basic?",
    ),
    "a credential without a type": (
        "union_tag_not_found",
        Stack,
        {"credentials": {"a": {"username": MARKER}}},
        "credentials.a: has no type. Write {type: ssh}, or {type: basic, username: flux}.",
    ),
    "a credential that is no object": (
        "model_attributes_type",
        Stack,
        {"credentials": {"a": MARKER}},
        "credentials.a: must be an object, not text",
    ),
    "a secret inside a credential": (
        "extra_forbidden",
        Stack,
        {"credentials": {"basic": {"type": "basic", "username": "u", "password": MARKER}}},
        "credentials.basic.password: is the place of a secret, but this file is no place for secrets. "
        "The secret would stand in Git and in the state in plain text. "
        "Take it out, and run: pulumi config set --secret gitops:basic-password",
    ),
    "a field of another type of credential": (
        "extra_forbidden",
        Stack,
        {"credentials": {"ssh": {"type": "ssh", "username": MARKER}}},
        "credentials.ssh.username: is not a key that belongs here. It would have no effect. "
        "The keys here are: active, generated, passphrase, type.",
    ),
    "an age key of no origin": (
        "wrong_age_key",
        Stack,
        {"age": {"keys": {"2026-11": "suplied"}}},
        "age.keys.2026-11: does not say where the key comes from. "
        "Write supplied, generated, or {origin: supplied, recipient: age1…}. Did you mean supplied?",
    ),
    "a list in place of an age key": (
        "wrong_age_key",
        Stack,
        {"age": {"keys": {"a": [MARKER]}}},
        "age.keys.a: does not say where the key comes from",
    ),
    "a secret inside an age key": (
        "extra_forbidden",
        Stack,
        {"age": {"keys": {"a": {"origin": "supplied", "recipient": RECIPIENT, "identity": MARKER}}}},
        "age.keys.a.identity: is the place of a secret, but this file is no place for secrets. "
        "The secret would stand in Git and in the state in plain text. Take it out, and run: pulumi config set --secret gitops:age-a",
    ),
    "an age key that says nothing of its recipient": (
        "missing",
        Stack,
        {"age": {"keys": {"a": {"origin": "supplied"}}}},
        "age.keys.a.recipient: is required but missing. It says: The public key that belongs to the "
        "identity; `age-keygen -y` prints it. For example: recipient: age1…",
    ),
    "a credential called like the age keys' Secret": (
        "wrong_text",
        Stack,
        {"credentials": {"sops-age": {"type": "ssh"}}},
        "credentials: names a credential sops-age, like the Secret with the age keys",
    ),
    "two secrets of one environment variable": (
        "wrong_text",
        Stack,
        {"credentials": {"a.b": {"type": "ssh"}, "a-b": {"type": "ssh"}}},
        "needs the secrets a.b-identity and a-b-identity, which are both read from GITOPS_SECRET_A_B_IDENTITY",
    ),
    "a key that is no text": (
        "invalid_key",
        Catalog,
        {2026: {}},
        'has a key that is not text. YAML reads an unquoted number or date as something else. Quote it: "2026-11".',
    ),
    "a name that is a number": (
        "string_type",
        Catalog,
        {"git": {2026: {"url": "https://x.test/r"}}},
        "git[2026]: must be text. YAML reads it",
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
        "objects[0].object.metadata.lables: is not a key that belongs here",
    ),
}


def told(model: type[BaseModel], value: Any) -> list[str]:
    problems: list[Problem] = []
    validate(model, document(value), problems)
    return [redacted(f"{dotted(problem.where.key)}: {problem.text}") for problem in problems]


def whole(model: type[BaseModel], value: dict[Any, Any]) -> dict[Any, Any]:
    return {**STACK, **value} if model is Stack else value


@pytest.mark.parametrize(("kind", "model", "value", "expected"), FAULTS.values(), ids=list(FAULTS))
def test_a_fault_is_told_in_a_sentence(kind: str, model: type[BaseModel], value: dict[Any, Any], expected: str) -> None:
    with pytest.raises(ValidationError) as caught:
        model.model_validate(whole(model, value))
    assert [fault["type"] for fault in caught.value.errors()] == [kind]

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


def test_every_sentence_has_a_case() -> None:
    assert {kind for kind, _, _, _ in FAULTS.values()} == set(SENTENCES)


RAISED_BY: dict[str, set[str]] = {
    "model": {"model_type"},
    "model-fields": {"missing", "extra_forbidden", "invalid_key"},
    "str": {"string_type"},
    "list": {"list_type", "too_short"},
    "dict": {"dict_type"},
    "literal": {"literal_error"},
    "bool": {"bool_type"},
    "int": {"int_type"},
    "tagged-union": {"union_tag_invalid", "union_tag_not_found", "model_attributes_type", "wrong_age_key"},
    "function-after": {"wrong_text"},
    "function-before": {"wrong_flag"},
    # those add nothing of their own; the members of the one union are all that its validator lets pass
    "union": set(),
    "nullable": set(),
    "default": set(),
    "any": set(),
    "definitions": set(),
    "definition-ref": set(),
    "model-field": set(),
}
"""Node of pydantic's core schema → the faults it can raise here: strict, without bounds but a list's least length."""
UNBOUNDED = {"max_length", "gt", "ge", "lt", "le", "multiple_of"}


def nodes(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        if isinstance(schema.get("type"), str):
            yield schema
        for key, inner in schema.items():
            if key not in ("metadata", "serialization", "config", "function"):
                yield from nodes(inner)
    elif isinstance(schema, list | tuple):
        for inner in schema:
            yield from nodes(inner)


@pytest.mark.parametrize("model", [Stack, Catalog])
def test_every_fault_that_the_models_can_raise_has_a_sentence(model: type[BaseModel]) -> None:
    found = list(nodes(model.__pydantic_core_schema__))
    kinds = {node["type"] for node in found}

    assert kinds <= set(RAISED_BY), "a new kind of field: say which faults it raises, and write their sentences"
    assert not [node for node in found if UNBOUNDED & set(node)], "a new bound: write the sentence of its fault"
    assert {fault for kind in kinds for fault in RAISED_BY[kind]} <= set(SENTENCES)


def test_a_fault_without_a_sentence_of_its_own_repeats_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(SENTENCES, "union_tag_invalid")

    (text,) = told(Stack, {**STACK, "credentials": {"a": {"type": MARKER}}})

    assert text == "credentials.a: is not what belongs here. Its meaning is unknown. docs/reference.md says what to write."


def test_a_key_that_looks_like_a_secret_is_not_repeated() -> None:
    key = "AGE-SECRET-" + "KEY-1QQQQQQQQQQQQQQQQ"

    (text,) = told(Stack, {**STACK, "flux": {"manifests": "./m", key: ""}})

    assert key not in text
    assert text.startswith(f"flux.{HIDDEN}: is not a key that belongs here")
