"""The body of a Secret, and values for it that are secret in Pulumi, too."""

import base64
from collections.abc import Mapping
from typing import Any

import pulumi

from flux.bodies import secret_metadata
from flux.owners_mark import OwnersMark


def secret_body(
    name: str,
    data: Mapping[str, Any],
    secret_type: str = "Opaque",  # noqa: S107 (a type)
    mark: OwnersMark | None = None,
) -> dict[str, Any]:
    """A Secret with `data`: of `secret_data` where it becomes a resource, of placeholders where it is only shown.

    Not with `stringData`: with server-side apply, a key removed from there would stay in the cluster
    (https://kubernetes.io/docs/concepts/configuration/secret/#restriction-names-data).
    """
    body = {
        "apiVersion": "v1",
        "kind": "Secret",
        "type": secret_type,
        "metadata": secret_metadata(name),
        "data": dict(data),
    }
    return mark.on(body) if mark else body


def secret_data(values: Mapping[str, pulumi.Input[str]]) -> dict[str, pulumi.Output[str]]:
    """The values as `data` has them, each wrapped as a secret."""
    return {key: pulumi.Output.secret(value).apply(in_base64) for key, value in values.items()}


def in_base64(value: str) -> str:
    """A value as `data` has it."""
    return base64.b64encode(value.encode()).decode()
