"""What the answers to the engine are made of."""

import secrets
from hashlib import sha256
from typing import Any

from devcluster.providers.kubernetes import objects
from devcluster.providers.kubernetes.api_client import ApiError
from devcluster.providers.kubernetes.objects import Object
from devcluster.providers.kubernetes.operations import Written
from devcluster.providers.kubernetes.served_kinds import GroupVersionKind, kind_of_type
from devcluster.providers.property_values import plain
from devcluster.providers.serving import ProviderError

UNSUPPORTED_MODULES = ("helm.sh", "yaml", "kustomize")


def kind_of_request(request: Any) -> GroupVersionKind:
    """The kind that a request is about. Raises ProviderError for what is no plain object."""
    type_token = request.urn.split("::")[2].rpartition("$")[2]
    module = type_token.split(":")[1]
    if module.split("/")[0] in UNSUPPORTED_MODULES or (type_token.endswith(("Patch", "List")) and "/" in module):
        raise ProviderError(
            f"the stand-in Kubernetes provider has no {type_token}; it knows objects only. "
            "On a machine with internet access: pulumi plugin install resource kubernetes"
        )
    return kind_of_type(type_token)


def name_suffix(seed: bytes) -> str:
    """Eight characters that make a generated name its own."""
    return (sha256(seed).hexdigest() if seed else secrets.token_hex(4))[:8]


def manager_of(inputs: Object, state: Object) -> str:
    """The field manager: the annotation's, else that of the state, else a new one."""
    if chosen := objects.annotation(plain(inputs), objects.PATCH_FIELD_MANAGER):
        return chosen
    return str(state.get(objects.FIELD_MANAGER_KEY) or f"pulumi-kubernetes-{secrets.token_hex(4)}")


def initial_version_of(state: Object, kind: GroupVersionKind) -> str:
    """The apiVersion that the object was created with."""
    return str(state.get(objects.INITIAL_VERSION_KEY) or kind.api_version)


def outputs_of(written: Written, inputs: Object, manager: str) -> Object:
    """The outputs of a written object."""
    return objects.checkpoint(written.live, inputs, field_manager=manager, initial_version=objects.kind_of(written.live).api_version)


def preview_of(written: Written, inputs: Object, manager: str) -> Object:
    """The outputs that a dry run foretells."""
    # A program that reads status, or a uid of a dry run, would take it for real.
    live = {key: value for key, value in written.live.items() if key != "status"}
    live["metadata"] = {key: value for key, value in live["metadata"].items() if key not in objects.SERVER_SET_METADATA}
    return outputs_of(Written(live, written.mapping), inputs, manager)


def no_dry_run(error: ApiError) -> bool:
    """Whether the server cannot dry-run this request, for instance because of a webhook."""
    return error.code == 400 and "dry run" in str(error)
