"""The body of a Secret whose values are secret in Pulumi, too."""

import base64
from collections.abc import Mapping
from typing import Any

import pulumi

from flux.bodies import secret_metadata
from flux.owners_mark import OwnersMark


def secret_body(
    name: str,
    values: Mapping[str, pulumi.Input[str]],
    secret_type: str = "Opaque",  # noqa: S107 (a type)
    mark: OwnersMark | None = None,
) -> dict[str, Any]:
    """A Secret with `values` under `data`, each wrapped as a secret.

    Not under `stringData`: with server-side apply, a key removed from there would stay in the cluster
    (https://kubernetes.io/docs/concepts/configuration/secret/#restriction-names-data).
    """
    body = {
        "apiVersion": "v1",
        "kind": "Secret",
        "type": secret_type,
        "metadata": secret_metadata(name),
        "data": {key: pulumi.Output.secret(value).apply(_base64) for key, value in values.items()},
    }
    return mark.on(body) if mark else body


def _base64(value: str) -> str:
    return base64.b64encode(value.encode()).decode()
