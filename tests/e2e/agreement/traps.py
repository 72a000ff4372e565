"""Objects for each place where a plain reading of a schema and the API server part, one by one rather than by chance."""

import copy
from collections.abc import Iterator, Mapping
from typing import Any

from tests.e2e.agreement.strange import INTEGERS, METADATA, VALUES, WHOLE_METADATA
from tests.flux.schema.bodies import SPECS

STATUSES: list[Any] = [
    *(None, "x", [], {}, {"foo": 1}, [{"a": 1}], [[{"a": 1}]], {"observedGeneration": "x"}, {"observedGeneration": {"a": 1}}),
    *(
        {"conditions": {"a": 1}},
        {"conditions": [{"foo": 1}]},
        {"conditions": [{"type": 1}]},
        {"conditions": None},
        {"artifact": [{"a": 1}]},
    ),
]
WHOLE_NUMBERS = (("HelmRelease", ("maxHistory",)), ("HelmRelease", ("install", "remediation", "retries")), ("Alert", ("suspend",)))


def traps(schemas: Mapping[str, tuple[str, Mapping[str, Any]]]) -> Iterator[dict[str, Any]]:
    """Of `schemas`, kind → apiVersion and schema of a release."""
    for kind, (version, schema) in schemas.items():
        yield from _of_kind({"apiVersion": version, "kind": kind, "metadata": {"name": "a"}, "spec": SPECS[kind]}, schema)
    for name, values in METADATA.items():
        for value in values:
            yield _whole(schemas, "GitRepository", metadata={"name": "a", "namespace": "flux-system", name: value})
    for value in WHOLE_METADATA:
        yield _whole(schemas, "GitRepository", metadata=value)
    for kind, path in WHOLE_NUMBERS:
        for number in INTEGERS:
            yield _with(_whole(schemas, kind), path, number)
    for provider in ("ldap", "aws"):  # fits the default of another field, or not
        yield _with(_whole(schemas, "Bucket"), ("sts",), {"provider": provider, "endpoint": "https://a"})
    if "oidcProviders" in schemas["Receiver"][1]["properties"]["spec"]["properties"]:
        yield from _receivers(_whole(schemas, "Receiver"))


def _of_kind(body: dict[str, Any], schema: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Each field of the spec with each strange value, and each strange status."""
    for name in schema["properties"]["spec"]["properties"]:
        for value in (*VALUES[: -len(INTEGERS)], 1, 1.0):
            yield _with(body, (name,), value)
    for status in STATUSES:
        yield {**copy.deepcopy(body), "status": status}
    for value in VALUES:
        yield {**copy.deepcopy(body), "spec": value}


def _receivers(body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Lists whose items have a key: unique, the same, null and missing."""
    for issuers in (["https://a"], ["https://a", "https://b"], ["https://a", "https://a"], ["https://a", None], [None, None], [1, 1]):
        item = {"audience": "a", "validations": [{"expression": "true", "message": "a"}]}
        providers = [{**item, "issuerURL": issuer} for issuer in issuers]
        yield {**body, "spec": {"type": "generic-oidc", "resources": body["spec"]["resources"], "oidcProviders": providers}}


def _whole(schemas: Mapping[str, tuple[str, Mapping[str, Any]]], kind: str, **changes: Any) -> dict[str, Any]:
    return copy.deepcopy({"apiVersion": schemas[kind][0], "kind": kind, "metadata": {"name": "a"}, "spec": SPECS[kind], **changes})


def _with(body: dict[str, Any], path: tuple[str, ...], value: Any) -> dict[str, Any]:
    made = copy.deepcopy(body)
    holder = made["spec"]
    for name in path[:-1]:
        holder = holder.setdefault(name, {})
    holder[path[-1]] = copy.deepcopy(value)
    return made
